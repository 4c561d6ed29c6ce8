package linkage.match_test

test_obligations_are_the_agreements if {
	decision := decide_under([], [
		{"op": "replace", "path": "/proof", "value": true},
		{"op": "replace", "path": "/limits/result_retention_days", "value": 7},
	])
	decision.obligations.proof
	decision.obligations.result_retention_days == 7
}
