package linkage.match_test

import data.linkage.match

test_a_legal_basis_is_named_and_known if {
	faults([{"op": "remove", "path": "/legal_basis"}]) == ["legal_basis_missing"]
	faults([{"op": "remove", "path": "/legal_basis/id"}]) == ["legal_basis_missing"]
	every id in ["", null, 1, ["basis"]] {
		faults_with("/legal_basis/id", id) == ["legal_basis_missing"]
	}
	every id in ["other", "Basis", "basis "] {
		faults_with("/legal_basis/id", id) == ["legal_basis_unknown"]
	}
}

test_a_legal_basis_is_law if {
	faults_with("/legal_basis/id", "lasting") == []
	every id in ["bill", "repealed", "undated"] {
		faults_with("/legal_basis/id", id) == ["legal_basis_not_in_force"]
	}
}

test_a_legal_basis_without_a_source_is_none if {
	faults_with("/legal_basis/id", "unsourced") == ["legal_basis_unknown"]
}

test_the_days_of_the_legal_basis_are_those_of_the_question if {
	longer := [
		{"op": "replace", "path": "/valid_from", "value": "2026-01-01"},
		{"op": "replace", "path": "/valid_until", "value": "2026-12-31"},
	]
	decide_under([], longer).allow
	every moment in ["2026-06-14T23:59:59.999Z", "2026-06-16T00:00:00.000Z"] {
		at := [{"op": "replace", "path": "/context/time", "value": moment}]
		decide_under(at, longer).reasons == ["legal_basis_not_in_force"]
	}
}

test_a_legal_basis_is_for_some_organisations if {
	faults_with("/requester/kind", "bank") == ["legal_basis_not_for_organisation"]
	every path in ["/requester/kind", "/provider/kind"] {
		faults([{"op": "remove", "path": path}]) == ["legal_basis_not_for_organisation"]
	}
	every value in ["other", null, ["town"], ["bank"]] {
		faults_with("/requester/kind", value) == ["legal_basis_not_for_organisation"]
		faults_with("/provider/kind", value) == ["legal_basis_not_for_organisation"]
	}
}

test_a_legal_basis_allows_some_identifiers if {
	faults_with("/kinds", ["bsn", "person"]) == ["legal_basis_not_for_identifier"]
	faults_with("/kinds", ["household"]) == []
}

test_who_may_not_use_the_bsn_may_not_by_any_legal_basis if {
	faults_with("/provider/kind", "desk") == ["legal_basis_not_for_identifier"]
	by_address := {"op": "replace", "path": "/kinds", "value": ["household"]}
	faults([by_address, {"op": "replace", "path": "/provider/kind", "value": "desk"}]) == []
}

test_a_legal_basis_is_for_some_purposes if {
	faults_with("/purpose_category", "other") == ["legal_basis_not_for_purpose"]
	faults([{"op": "remove", "path": "/purpose_category"}]) == ["legal_basis_not_for_purpose"]
}

test_a_legal_basis_allows_some_answers if {
	faults_with("/answers", ["hit", "everything"]) == ["legal_basis_not_for_answer"]
}

test_some_purposes_are_served_by_numbers_alone if {
	steering := {"op": "replace", "path": "/purpose_category", "value": "steering"}
	faults([steering]) == ["legal_basis_not_for_answer"]
	faults([steering, {"op": "replace", "path": "/answers", "value": ["count"]}]) == []
}

# Nobody says who may use the BSN then, or what serves a purpose.
test_a_catalogue_without_a_part_loses_no_finding if {
	every part in [null, [], "text", 1, {}, {"desk": {"bsn": false}}, {"desk": {"bsn": false, "source": 1}}] {
		damaged := object.union(object.remove(catalogue, ["organisation_kinds"]), {"organisation_kinds": part})
		at_a_desk := json.patch(agreement, [{"op": "replace", "path": "/provider/kind", "value": "desk"}])
		verdict := match.verdict with input as {"agreement": at_a_desk} with data.catalogue as damaged
		verdict.reasons == ["legal_basis_not_for_identifier"]
		sources := {one.source | some one in verdict.findings; one.code == "legal_basis_not_for_identifier"}
		sources == {"UAVG art. 46"}
	}
	every part in [null, [], "text", 1, {}, {"intake": {"answers": []}}, {"intake": {"source": 1}}] {
		damaged := object.union(object.remove(catalogue, ["purposes"]), {"purposes": part})
		verdict := match.verdict with input as {"agreement": agreement} with data.catalogue as damaged
		verdict.reasons == ["legal_basis_not_for_answer"]
		sources := {one.source | some one in verdict.findings; one.code == "legal_basis_not_for_answer"}
		sources == {"AVG art. 5"}
	}
}
