package linkage.match_test

import data.linkage.match

test_nothing_is_wrong_with_an_agreement_that_fits if {
	verdict := judge(json.patch(agreement, [{"op": "replace", "path": "/kinds", "value": ["bsn"]}]))
	verdict.reasons == []
	verdict.findings == []
	verdict.questions == {"development": ["both", "by-district"], "production": ["both", "by-district"]}
	verdict.valid_from == "2026-06-15"
	verdict.valid_until == "2026-06-15"
	verdict.agreement.id == "energy"
}

test_nothing_is_no_agreement if {
	every nothing in [null, {}, [], "agreement", true] {
		judge(nothing).reasons == ["legal_basis_missing"]
	}
	verdict := match.verdict with input as {} with data.catalogue as catalogue
	verdict.reasons == ["legal_basis_missing"]
}

test_what_was_not_judged_is_refused if {
	every verdicts in [{}, {"5": {}}, {"5": {"f": {}}}, {"5": {"f": {"5f": {}}}}, {"5": {"f": {"5f": null}}}] {
		decision := match.decision with input as question
			with data.agreements as {"5f": agreement}
			with data.verdicts as verdicts
			with data.revision as "r1"
		decision.allow == false
		decision.reasons == ["guardrails_unchecked"]
	}
}

test_a_verdict_that_lacks_something_approves_nothing if {
	every path in ["/reasons", "/obligations", "/questions", "/valid_from", "/valid_until", "/agreement"] {
		decision := match.decision with input as json.patch(question, as_count)
			with data.agreements as {"5f": agreement}
			with data.verdicts as {"5": {"f": {"5f": json.patch(judge(agreement), [{"op": "remove", "path": path}])}}}
			with data.revision as "r1"
		decision.allow == false
	}
}

test_attributes_by_address_are_found_and_the_rest_is_decided if {
	verdict := judge(agreement)
	verdict.reasons == []
	[[one.code, one.field] | some one in verdict.findings] == [["answer_never_for_kind", "kinds.1"]]
}

test_days_beyond_the_legal_basis_are_found_and_the_rest_is_decided if {
	every path, value in {"/valid_from": "2026-06-14", "/valid_until": "2026-06-16"} {
		longer := judge(json.patch(agreement, [{"op": "replace", "path": path, "value": value}]))
		longer.reasons == []
		[one.field | some one in longer.findings; one.code == "legal_basis_not_in_force"] == [trim(path, "/")]
	}
}

test_every_finding_has_its_source_and_field if {
	wrong := json.patch(agreement, [
		{"op": "replace", "path": "/attributes/names", "value": ["ras", "bsn", "é"]},
		{"op": "replace", "path": "/purpose_category", "value": "steering"},
		{"op": "replace", "path": "/provider/kind", "value": "desk"},
		{"op": "replace", "path": "/count/questions/1/by_provider/attribute", "value": "straatnaam"},
	])
	findings := judge(wrong).findings
	count(findings) > 5
	every one in findings {
		object.keys(one) == {"code", "field", "source", "what"}
		every text in one {
			text != ""
		}
	}
}
