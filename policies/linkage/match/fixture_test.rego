package linkage.match_test

import data.linkage.match

# METADATA
# description: The decision about the question below, with JSON patches on it, under the agreement below.
decide(patches) := decide_under(patches, [])

# METADATA
# description: The same, with JSON patches on the agreement too.
decide_under(patches, agreement_patches) := decision if {
	decision := match.decision with input as json.patch(question, patches)
		with data.agreements as {question.context.agreement.hash: json.patch(agreement, agreement_patches)}
		with data.revision as "r1"
}

# METADATA
# description: The reasons against the question with one field replaced.
reasons_with(path, value) := decide([{"op": "replace", "path": path, "value": value}]).reasons

# METADATA
# description: The reasons against the question with one field left out.
reasons_without(path) := decide([{"op": "remove", "path": path}]).reasons

# METADATA
# description: A question that fits the agreement exactly.
question := {
	"subject": {"type": "organisation", "id": "00000099000000001000", "properties": {}},
	"action": {
		"name": "evaluate",
		"properties": {"purpose": "Energy allowance", "answer": "hit", "elements": 100},
	},
	"resource": {"type": "register", "id": "00000099000000002000", "properties": {"kind": "bsn"}},
	"context": {
		"role": "provider",
		"mode": "production",
		"requester_oin": "00000099000000001000",
		"agreement": {"id": "energy", "hash": "5f"},
		"epoch": 0,
		"used_today": 900,
		"time": "2026-06-15T12:00:00.000Z",
	},
}

# METADATA
# description: An agreement as the node shows it to policy.
agreement := {
	"id": "energy",
	"purpose": "Energy allowance",
	"requester": {"oin": "00000099000000001000"},
	"provider": {"oin": "00000099000000002000"},
	"kinds": ["bsn", "household"],
	"answers": ["hit", "attributes"],
	"valid_from": "2026-06-15",
	"valid_until": "2026-06-15",
	"limits": {"evaluations_per_day": 1000, "largest_query": 100, "result_retention_days": 30},
	"proof": false,
	"receipts": true,
}
