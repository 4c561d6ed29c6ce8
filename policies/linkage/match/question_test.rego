package linkage.match_test

test_every_field_is_needed if {
	every path in [
		"/subject/type", "/subject/id",
		"/action/name", "/action/properties/purpose", "/action/properties/answer", "/action/properties/elements",
		"/action/properties/question", "/action/properties/attributes", "/action/properties/for_a_case",
		"/action/properties/processing_activity_id", "/context/agreement/status",
		"/resource/type", "/resource/id", "/resource/properties/kind",
		"/context/role", "/context/mode", "/context/requester_oin", "/context/time", "/context/epoch",
		"/context/used_today", "/context/agreement/id", "/context/agreement/hash",
		"/subject", "/action", "/action/properties", "/resource", "/resource/properties", "/context", "/context/agreement",
	] {
		"malformed" in reasons_without(path)
	}
}

test_text_must_be_text if {
	every path in [
		"/subject/id", "/resource/id", "/resource/properties/kind", "/action/properties/purpose",
		"/action/properties/question", "/action/properties/processing_activity_id",
		"/context/requester_oin", "/context/agreement/id", "/context/agreement/hash",
		"/context/time",
	] {
		every value in [null, 1, true, ["text"], {"text": "text"}] {
			"malformed" in reasons_with(path, value)
		}
	}
}

test_numbers_must_be_whole_and_not_below_zero if {
	every path in ["/action/properties/elements", "/context/used_today", "/context/epoch"] {
		every value in [null, "1", true, [1], -1, 1.5, 9007199254740992, 1e300] {
			"malformed" in reasons_with(path, value)
		}
	}
}

test_an_evaluation_is_about_something if {
	reasons_with("/action/properties/elements", 0) == ["malformed"]
}

test_the_tag_set_is_fetched_without_elements if {
	fetch := {"op": "replace", "path": "/action/name", "value": "fetch_tag_set"}
	decide([fetch, {"op": "replace", "path": "/action/properties/elements", "value": 0}]).allow
	decide([fetch]).reasons == ["malformed"]
}

test_words_outside_the_list_are_malformed if {
	reasons_with("/action/properties/answer", "everything") == ["answer_not_agreed", "malformed"]
	reasons_after(as_attributes, "/action/properties/answer", "everything") == ["answer_not_agreed", "malformed"]
	every path in ["/subject/type", "/action/name", "/resource/type", "/context/role", "/context/mode"] {
		reasons_with(path, "other") == ["malformed"]
	}
}

test_both_roles_and_modes_are_known if {
	every role in ["requester", "provider"] {
		reasons_with("/context/role", role) == []
	}
	every mode in ["development", "production"] {
		reasons_with("/context/mode", mode) == []
	}
}

test_time_is_in_utc if {
	reasons_with("/context/time", "2026-06-15T12:00:00Z") == []
	every moment in ["2026-06-15", "2026-06-15T12:00:00+02:00", "2026-06-15T12:00:00", "2026-6-15T12:00:00Z", ""] {
		"malformed" in reasons_with("/context/time", moment)
	}
}

test_every_operation_belongs_to_its_rungs if {
	rungs := {
		"evaluate": {"hit", "attributes"},
		"fetch_tag_set": {"hit", "attributes"},
		"report_hits": {"hit", "attributes"},
		"count": {"count"},
		"disclose": {"attributes"},
	}
	every operation, agreed in rungs {
		every answer in {"count", "hit", "attributes"} - agreed {
			"malformed" in decide([
				{"op": "replace", "path": "/action/name", "value": operation},
				{"op": "replace", "path": "/action/properties/answer", "value": answer},
			]).reasons
		}
	}
}

test_a_count_names_a_question_and_nothing_else if {
	reasons_after(as_count, "/action/properties/question", "") == ["malformed", "question_not_agreed"]
	reasons_after(as_count, "/action/properties/attributes", ["team"]) == ["malformed"]
	reasons_after(as_count, "/action/properties/for_a_case", true) == ["malformed"]
	reasons_after(as_count, "/action/properties/elements", 0) == ["malformed"]
}

test_attributes_come_without_a_question if {
	reasons_after(as_attributes, "/action/properties/question", "both") == ["malformed"]
}

test_attributes_are_a_list_of_names_each_once if {
	every value in [null, 1, true, "team", {"team": "team"}, [1], [["team"]]] {
		reasons_after(as_attributes, "/action/properties/attributes", value) == ["attribute_not_agreed", "malformed"]
	}
	every value in [["team", "team"], ["team", null]] {
		reasons_after(as_attributes, "/action/properties/attributes", value) == ["malformed"]
	}
	every value in [null, 1, "true", []] {
		reasons_after(as_attributes, "/action/properties/for_a_case", value) == ["case_reference_missing", "malformed"]
	}
}

test_fields_of_another_operation_are_empty if {
	every path, value in {
		"/action/properties/question": "both",
		"/action/properties/attributes": ["team"],
		"/action/properties/for_a_case": true,
	} {
		reasons_with(path, value) == ["malformed"]
	}
}
