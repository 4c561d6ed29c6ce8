package linkage.match_test

import data.linkage.match

test_what_an_agreement_lacks_is_a_reason if {
	lacking := {
		"/requester": ["legal_basis_not_for_organisation", "requester_not_in_agreement"],
		"/provider": ["legal_basis_not_for_organisation", "provider_not_in_agreement"],
		"/purpose": ["purpose_not_agreed"],
		"/valid_from": ["agreement_not_yet_valid"],
		"/valid_until": ["agreement_expired"],
		"/kinds": ["kind_not_agreed", "malformed"],
		"/answers": ["answer_not_agreed", "malformed"],
		"/limits/largest_query": ["malformed", "query_too_large"],
		"/limits/evaluations_per_day": ["budget_exhausted", "malformed"],
		"/limits/result_retention_days": ["malformed"],
		"/proof": ["malformed"],
		"/receipts": ["malformed"],
		"/id": ["agreement_unknown"],
	}
	every path, reasons in lacking {
		decision := decide_under([], [{"op": "remove", "path": path}])
		decision.allow == false
		decision.reasons == reasons
	}
}

test_what_the_terms_of_a_rung_lack_is_a_reason if {
	decide_under(as_count, [{"op": "remove", "path": "/count"}]).reasons == ["question_not_agreed"]
	lacking := {
		"/attributes": ["attribute_not_agreed", "query_too_large"],
		"/attributes/names": ["attribute_not_agreed"],
		"/attributes/largest": ["query_too_large"],
	}
	every path, reasons in lacking {
		decide_under(as_attributes, [{"op": "remove", "path": path}]).reasons == reasons
	}
}

test_an_organisations_own_reason_refuses_what_fits if {
	decision := match.decision with input as question
		with data.agreements as {"5f": agreement}
		with data.verdicts as {"5": {"f": {"5f": judge(agreement)}}}
		with data.revision as "r1"
		with match.reasons as {"closed_on_sundays"}
	decision.allow == false
	decision.reasons == ["closed_on_sundays"]
}
