package linkage.match_test

test_names_that_can_be_misread_are_refused if {
	every name in [
		"nаtionaliteit", "nātionaliteit", "nationałiteit", "ｎationaliteit", "diâgnose", "Étnisch", "patiënt",
		"geboor\u200bteland", "team\n", "1team", "_team", " team", "", "team|ras", "a|b", "a\tb", "team/ras", 7, null,
		["team"],
	] {
		agreed := [{"op": "replace", "path": "/attributes/names", "value": ["team", name]}]
		decide_under(as_attributes, agreed).reasons == ["attribute_name_invalid"]
		counted := [{"op": "replace", "path": "/count/questions/1/by_provider/attribute", "value": name}]
		decide_under(as_count, counted).reasons == ["attribute_name_invalid"]
	}
}

test_names_that_cannot_be_misread_are_taken if {
	every name in ["t", "Team-2", "team.desk_1 of the north", "counsellor"] {
		reasons_against_name(name) == []
	}
}

test_names_do_not_matter_to_hits if {
	decide_under([], [{"op": "replace", "path": "/attributes/names", "value": ["diâgnose", "bsn", 7]}]).allow
}
