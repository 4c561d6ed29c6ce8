package linkage.match_test

import data.linkage.match

test_fitting_question_is_approved_with_all_obligations if {
	decide([]) == {"allow": true, "reasons": [], "obligations": match_obligations, "revision": "r1"}
}

match_obligations := {
	"evaluations_per_day": 1000,
	"largest_query": 100,
	"result_retention_days": 30,
	"kinds": ["bsn", "household"],
	"answers": ["count", "hit", "attributes"],
	"proof": false,
	"receipts": true,
}

test_refusal_has_the_same_four_fields_and_sorted_reasons if {
	decision := decide([
		{"op": "replace", "path": "/resource/properties/kind", "value": "person"},
		{"op": "replace", "path": "/action/properties/purpose", "value": "Other"},
	])
	decision == {
		"allow": false,
		"reasons": ["kind_not_agreed", "purpose_not_agreed"],
		"obligations": {},
		"revision": "r1",
	}
}

test_nothing_is_approved_without_a_revision if {
	denied := {"allow": false, "reasons": ["policy_denied"], "obligations": {}, "revision": "none"}
	every revision in ["", null, 1] {
		denied == match.decision with input as question
			with data.agreements as {"5f": agreement}
			with data.verdicts as {"5": {"f": {"5f": judge(agreement)}}}
			with data.revision as revision
	}
}

test_no_question_is_a_refusal if {
	every nothing in [null, {}, [], "question", true] {
		decision := match.decision with input as nothing with data.agreements as {} with data.revision as "r1"
		decision.allow == false
		decision.reasons == ["agreement_unknown", "malformed", "oin_mismatch"]
	}
}

test_obligations_are_the_agreements if {
	decision := decide_under([], [
		{"op": "replace", "path": "/proof", "value": true},
		{"op": "replace", "path": "/limits/result_retention_days", "value": 7},
	])
	decision.obligations.proof
	decision.obligations.result_retention_days == 7
}

test_an_agreement_is_in_force if {
	reasons_without("/context/agreement/status") == ["malformed"]
	every status, reasons in {
		"unsigned": ["agreement_unsigned"],
		"rejected": ["agreement_rejected"],
		"revoked": ["agreement_revoked"],
		"not_activated": ["agreement_not_activated"],
		"In_force": ["malformed"],
		"": ["malformed"],
	} {
		reasons_with("/context/agreement/status", status) == reasons
	}
	every status in [null, true, 1, ["in_force"], {"in_force": true}] {
		reasons_with("/context/agreement/status", status) == ["malformed"]
	}
}
