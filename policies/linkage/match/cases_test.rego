package linkage.match_test

import data.linkage.match

# METADATA
# description: |
#   Every case of policies/cases is decided as it says: allow, reasons and obligations. A case that is not is named.
#   What a case file says is in policies/cases/README.md; the node reads the same files (linkage_node/policy/cases.py).
test_case[name] if {
	some name, told in data.cases
	agreement := agreement_of(told)
	decision := match.decision with input as question_of(told)
		with data.agreements as {"ca5e": agreement}
		with data.verdicts as {"c": {"a": {"ca5e": verdicts[agreement]}}}
		with data.revision as "r1"
	decision == expected(told, agreement)
}

# METADATA
# description: What the node puts into data.verdicts when it loads the agreements; each is judged once.
verdicts[agreement] := verdict if {
	some agreement in agreements
	verdict := match.verdict with input as {"agreement": agreement}
}

# METADATA
# description: The agreements of all cases.
agreements contains agreement_of(told) if some told in data.cases

# METADATA
# description: The whole decision that a case asks for.
# scope: document
expected(told, agreement) := {"allow": true, "reasons": [], "obligations": conditions, "revision": "r1"} if {
	told.reasons == []
	kept := object.filter(agreement, ["kinds", "answers", "proof", "receipts"])
	conditions := object.union_n([kept, agreement.limits, object.get(told, "obligations", {})])
}

expected(told, _) := {"allow": false, "reasons": sort(told.reasons), "obligations": {}, "revision": "r1"} if {
	count(told.reasons) > 0
}

# METADATA
# description: The agreement of a case, with its changes.
agreement_of(told) := changed(start_of(told), object.get(told, "agreement", {}), object.get(told, "agreement_drop", []))

# METADATA
# description: The agreement that a case starts from, with what the node fills in where an agreement is silent.
start_of(told) := object.union_n([silent, attributes_silent(written), count_silent(written), written]) if {
	example := object.get(told, "example", "example-energy-allowance")
	written := object.get(told, "whole", data.agreements[example])
}

# METADATA
# description: |
#   What holds where an agreement is silent, as far as rules read it. A test of the node holds it to the node's model.
silent := {"limits": {"result_retention_days": 30}, "proof": false, "receipts": false}

# METADATA
# description: The same of the section on attributes, if there is one.
# scope: document
attributes_silent(written) := {"attributes": {"largest": 50}} if written.attributes

attributes_silent(written) := {} if not written.attributes

# METADATA
# description: The same of the section on counts.
# scope: document
count_silent(written) := {"count": {"smallest_set": 100, "smallest_cell": 10}} if written.count

count_silent(written) := {} if not written.count

# METADATA
# description: What is asked in a case.
# scope: document
question_of(told) := told.input

question_of(told) := changed(whole, values, object.get(told, "drop", [])) if {
	not "input" in object.keys(told)
	start := start_of(told)
	answers := [answer | some answer in ["attributes", "count", "hit"]; answer in start.answers]
	answer := object.get(told, "answer", answers[0])
	whole := fitting(start, asked_for(start, answer))
	values := object.union(object.get(told, "set", {}), object.get(told, "unknown", {}))
}

# METADATA
# description: The question that fits an agreement exactly, at noon of its first day.
fitting(start, asked) := {
	"subject": {"type": "organisation", "id": start.requester.oin, "properties": {}},
	"action": {
		"name": asked.operation,
		"properties": object.union(
			{
				"purpose": start.purpose,
				"processing_activity_id": object.get(start, "processing_activity", ""),
			},
			object.remove(asked, ["operation"]),
		),
	},
	"resource": {"type": "register", "id": start.provider.oin, "properties": {"kind": start.kinds[0]}},
	"context": {
		"role": "provider",
		"mode": "production",
		"requester_oin": start.requester.oin,
		"agreement": {"id": start.id, "hash": "ca5e", "status": "in_force"},
		"epoch": 0,
		"used_today": 0,
		"time": concat("", [start.valid_from, "T12:00:00.000Z"]),
	},
}

# METADATA
# description: What is asked on each rung of the disclosure ladder, and for how many elements.
# scope: document
asked_for(start, "hit") := {
	"operation": "evaluate",
	"answer": "hit",
	"elements": min([100, start.limits.largest_query, start.limits.evaluations_per_day]),
	"question": "",
	"attributes": [],
	"for_a_case": false,
}

asked_for(start, "attributes") := {
	"operation": "disclose",
	"answer": "attributes",
	"elements": min([
		100,
		start.limits.largest_query,
		start.limits.evaluations_per_day,
		start.attributes.largest,
	]),
	"question": "",
	"attributes": start.attributes.names,
	"for_a_case": true,
}

asked_for(start, "count") := {
	"operation": "count",
	"answer": "count",
	"elements": start.count.requester_bucket * count(categories(start.count.questions[0])),
	"question": start.count.questions[0].id,
	"attributes": [],
	"for_a_case": false,
}

# METADATA
# description: The requester's categories of a count, one for everybody if it is not broken down.
# scope: document
categories(counted) := ["all"] if not counted.by_requester

categories(counted) := array.concat(counted.by_requester.values, ["other" | counted.by_requester.other])

# METADATA
# description: A document with the values at paths such as `limits.largest_query` replaced, and some paths left out.
changed(document, values, dropped) := json.patch(document, array.concat(
	[{"op": "add", "path": split(path, "."), "value": value} | some path, value in values],
	[{"op": "remove", "path": split(path, ".")} | some path in dropped],
))
