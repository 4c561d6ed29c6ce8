package linkage.match_test

import data.linkage.match

# METADATA
# description: The decision about the question below, with JSON patches on it, under the agreement below.
decide(patches) := decide_under(patches, [])

# METADATA
# description: The same, with JSON patches on the agreement too.
decide_under(patches, agreement_patches) := decision if {
	proposed := json.patch(agreement, agreement_patches)
	decision := match.decision with input as json.patch(question, patches)
		with data.agreements as {question.context.agreement.hash: proposed}
		with data.verdicts as {"5": {"f": {question.context.agreement.hash: judge(proposed)}}}
		with data.revision as "r1"
}

# METADATA
# description: The verdict on an agreement, over the catalogue below.
judge(proposed) := verdict if {
	verdict := match.verdict with input as {"agreement": proposed} with data.catalogue as catalogue
}

# METADATA
# description: The reason codes against the whole of the agreement below with JSON patches on it.
faults(patches) := judge(json.patch(agreement, patches)).reasons

# METADATA
# description: The reason codes against it with one field replaced.
faults_with(path, value) := faults([{"op": "replace", "path": path, "value": value}])

# METADATA
# description: The reasons against the question with one field replaced.
reasons_with(path, value) := decide([{"op": "replace", "path": path, "value": value}]).reasons

# METADATA
# description: The reasons against the question with one field left out.
reasons_without(path) := decide([{"op": "remove", "path": path}]).reasons

# METADATA
# description: Patches that make it a question for a count, which fits too.
as_count := [
	{"op": "replace", "path": "/action/name", "value": "count"},
	{"op": "replace", "path": "/action/properties/answer", "value": "count"},
	{"op": "replace", "path": "/action/properties/question", "value": "by-district"},
]

# METADATA
# description: Patches that make it a question for attributes, which fits too.
as_attributes := [
	{"op": "replace", "path": "/action/name", "value": "disclose"},
	{"op": "replace", "path": "/action/properties/answer", "value": "attributes"},
	{"op": "replace", "path": "/action/properties/attributes", "value": ["team"]},
	{"op": "replace", "path": "/action/properties/for_a_case", "value": true},
	{"op": "replace", "path": "/action/properties/elements", "value": 10},
]

# METADATA
# description: The reasons against a question that other patches made, with one field replaced.
reasons_after(patches, path, value) := decide(array.concat(patches, [{
	"op": "replace",
	"path": path,
	"value": value,
}])).reasons

# METADATA
# description: The reasons against asking for an attribute of this name, which is agreed.
reasons_against_name(name) := decide_under(
	array.concat(as_attributes, [{"op": "replace", "path": "/action/properties/attributes", "value": [name]}]),
	[{"op": "replace", "path": "/attributes/names", "value": [name]}],
).reasons

# METADATA
# description: A question for hits that fits the agreement exactly.
question := {
	"subject": {"type": "organisation", "id": "00000099000000001000", "properties": {}},
	"action": {
		"name": "evaluate",
		"properties": {
			"purpose": "Energy allowance",
			"answer": "hit",
			"elements": 100,
			"question": "",
			"attributes": [],
			"for_a_case": false,
			"processing_activity_id": "https://register.example.nl/energy-allowance",
		},
	},
	"resource": {"type": "register", "id": "00000099000000002000", "properties": {"kind": "bsn"}},
	"context": {
		"role": "provider",
		"mode": "production",
		"requester_oin": "00000099000000001000",
		"agreement": {"id": "energy", "hash": "5f", "status": "in_force"},
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
	"purpose_category": "intake",
	"legal_basis": {"id": "basis", "article": "A law art. 1"},
	"requester": {"oin": "00000099000000001000", "kind": "town"},
	"provider": {"oin": "00000099000000002000", "kind": "bank"},
	"kinds": ["bsn", "household"],
	"answers": ["count", "hit", "attributes"],
	"valid_from": "2026-06-15",
	"valid_until": "2026-06-15",
	"limits": {"evaluations_per_day": 1000, "largest_query": 100, "result_retention_days": 30},
	"proof": false,
	"receipts": true,
	"count": {"smallest_set": 20, "smallest_cell": 5, "questions": [
		{"id": "both", "epsilon": 0.5},
		{
			"id": "by-district",
			"epsilon": 2,
			"by_requester": {"attribute": "district", "values": ["North", "South"]},
			"by_provider": {"attribute": "stage", "values": ["intake"]},
		},
	]},
	"attributes": {"names": ["team", "telephone"], "largest": 10, "per_token": 3},
}

# METADATA
# description: A legal basis that fits the agreement.
basis := {
	"source": "A law art. 1",
	"status": "in_force",
	"valid_from": "2026-06-15",
	"requesters": {"town": ["bsn", "household"]},
	"providers": {"bank": ["bsn", "household"], "desk": ["bsn", "household"]},
	"purposes": ["intake", "steering"],
	"answers": ["count", "hit", "attributes"],
}

# METADATA
# description: A catalogue with it, for the one day of the agreement, and with others that differ in one thing.
catalogue := {
	"legal_bases": {
		"basis": object.union(basis, {"valid_until": "2026-06-15"}),
		"lasting": object.union(basis, {"valid_from": "0001-01-01"}),
		"bill": object.union(basis, {"status": "bill"}),
		"repealed": object.union(basis, {"status": "repealed"}),
		"undated": object.remove(basis, ["valid_from"]),
		"unsourced": object.remove(basis, ["source"]),
	},
	"organisation_kinds": {
		"town": {"bsn": true, "source": "Wabb art. 10"},
		"bank": {"bsn": true, "source": "Wabb art. 10"},
		"desk": {"bsn": false, "source": "UAVG art. 46"},
	},
	"purposes": {
		"intake": {"answers": ["count", "hit", "attributes"], "source": "AVG art. 5 lid 1 onder c"},
		"steering": {"answers": ["count"], "source": "AVG art. 89"},
	},
}
