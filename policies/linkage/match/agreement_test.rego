package linkage.match_test

test_another_hash_is_another_agreement if {
	reasons_with("/context/agreement/hash", "60") == ["agreement_unknown"]
}

test_the_name_must_fit_the_hash if {
	reasons_with("/context/agreement/id", "other") == ["agreement_unknown"]
}

test_only_the_requester_asks if {
	other := "00000099000000003000"
	decide([
		{"op": "replace", "path": "/subject/id", "value": other},
		{"op": "replace", "path": "/context/requester_oin", "value": other},
	]).reasons == ["requester_not_in_agreement"]
}

test_the_certificate_must_be_the_requesters if {
	reasons_with("/subject/id", "00000099000000003000") == ["oin_mismatch"]
	reasons_with("/context/requester_oin", "00000099000000003000") == ["oin_mismatch", "requester_not_in_agreement"]
}

test_only_the_provider_is_asked if {
	reasons_with("/resource/id", "00000099000000003000") == ["provider_not_in_agreement"]
}

test_first_and_last_day_are_included if {
	lasting := {"op": "replace", "path": "/legal_basis/id", "value": "lasting"}
	decide_under([], [lasting]).allow
	before := [{"op": "replace", "path": "/context/time", "value": "2026-06-14T23:59:59.999Z"}]
	decide_under(before, [lasting]).reasons == ["agreement_not_yet_valid"]
	reasons_with("/context/time", "2026-06-15T00:00:00.000Z") == []
	reasons_with("/context/time", "2026-06-15T23:59:59.999Z") == []
	after := [{"op": "replace", "path": "/context/time", "value": "2026-06-16T00:00:00.000Z"}]
	decide_under(after, [lasting]).reasons == ["agreement_expired"]
}

test_the_purpose_is_to_the_letter if {
	every purpose in ["energy allowance", "Energy allowance ", "", "Other"] {
		reasons_with("/action/properties/purpose", purpose) == ["purpose_not_agreed"]
	}
}

test_kinds_and_answers_are_those_agreed if {
	reasons_with("/resource/properties/kind", "person") == ["kind_not_agreed"]
	decide_under([], [{"op": "replace", "path": "/answers", "value": ["attributes"]}]).reasons == ["answer_not_agreed"]
}

test_a_query_and_a_day_hold_as_much_as_agreed if {
	reasons_with("/action/properties/elements", 101) == ["budget_exhausted", "query_too_large"]
	reasons_with("/context/used_today", 901) == ["budget_exhausted"]
	reasons_with("/context/used_today", 899) == []
}

test_a_count_is_one_of_the_catalogue if {
	decide(as_count).allow
	reasons_after(as_count, "/action/properties/question", "both") == []
	every question_id in ["by-street", "by", "BOTH"] {
		reasons_after(as_count, "/action/properties/question", question_id) == ["question_not_agreed"]
	}
}

test_a_count_needs_a_catalogue if {
	every catalogue in [{}, {"questions": []}, {"questions": null}, {"questions": "by-district"}] {
		decide_under(as_count, [{"op": "replace", "path": "/count", "value": catalogue}]).reasons == ["question_not_agreed"]
	}
}

test_attributes_are_those_agreed if {
	decide(as_attributes).allow
	reasons_after(as_attributes, "/action/properties/attributes", ["telephone", "team"]) == []
	every names in [[], ["Team"], ["team", "debt"]] {
		reasons_after(as_attributes, "/action/properties/attributes", names) == ["attribute_not_agreed"]
	}
}

test_attributes_are_told_in_a_case if {
	reasons_after(as_attributes, "/action/properties/for_a_case", false) == ["case_reference_missing"]
}

test_attributes_of_as_many_persons_as_agreed if {
	reasons_after(as_attributes, "/action/properties/elements", 11) == ["query_too_large"]
	smaller := [{"op": "replace", "path": "/limits/largest_query", "value": 9}]
	decide_under(as_attributes, smaller).reasons == ["query_too_large"]
	every largest in ["10", null, true, -1, [10]] {
		patch := [{"op": "replace", "path": "/attributes/largest", "value": largest}]
		decide_under(as_attributes, patch).reasons == ["query_too_large"]
	}
}

test_reporting_hits_costs_nothing if {
	report := [{"op": "replace", "path": "/action/name", "value": "report_hits"}]
	decide(report).allow
	reasons_after(report, "/action/properties/elements", 101) == []
	reasons_after(report, "/context/used_today", 1000) == []
	reasons_after(report, "/action/properties/answer", "attributes") == []
	decide_under(report, [{"op": "replace", "path": "/answers", "value": ["count"]}]).reasons == ["answer_not_agreed"]
}
