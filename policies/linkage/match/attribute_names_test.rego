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

test_digits_are_read_as_the_letters_that_they_look_like if {
	reasons_against_name("profie1") == ["attribute_never"]
	reasons_against_name("r1sico") == ["attribute_never"]
	every name in [
		"re1igie", "ge1oof", "hea1th", "nat1onaliteit", "nationa1iteit", "nat1ona11te1t", "reli9ie", "RE1IGIE", "d1a9n0se",
		"crimine1e antecedenten",
	] {
		reasons_against_name(name) == ["special_category"]
		asked := array.concat(as_attributes, [{"op": "replace", "path": "/action/properties/attributes", "value": [name]}])
		decide(asked).reasons == ["attribute_not_agreed", "special_category"]
	}
}

test_ordinary_digits_are_no_letters if {
	every name in [
		"team 1", "postcode1", "lijn1", "telefoon 19", "fase 11", "wijziging1", "deel1", "geleid1ng", "regel 1 adres",
		"mobiel1", "klantmanager 1", "e-mail1", "bijlage 1", "contactpersoon 1 en 2", "schuld 2019", "locatie1",
	] {
		reasons_against_name(name) == []
	}
}

test_a_name_that_is_not_agreed_is_read_too if {
	decide(array.concat(as_attributes, [{
		"op": "replace",
		"path": "/action/properties/attributes",
		"value": ["nаtionaliteit"],
	}])).reasons == ["attribute_name_invalid", "attribute_not_agreed"]
}

test_every_bad_name_of_an_agreement_is_told_and_all_of_it_is_refused if {
	bad := [{"op": "replace", "path": "/attributes/names", "value": ["diâgnose", "bsn", 7, "team", "ras"]}]
	told := {[one.code, one.field] | some one in judge(json.patch(agreement, bad)).findings}
	told == {
		["answer_never_for_kind", "kinds.1"],
		["attribute_name_invalid", "attributes.names.0"],
		["attribute_never", "attributes.names.1"],
		["attribute_name_invalid", "attributes.names.2"],
		["special_category", "attributes.names.4"],
	}
	decide_under([], bad).reasons == ["attribute_name_invalid", "attribute_never", "special_category"]
}
