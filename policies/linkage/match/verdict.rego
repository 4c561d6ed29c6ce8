package linkage.match

# METADATA
# description: |
#   Is this agreement one that may exist? Held against what no agreement can lift (guardrails.rego, names.rego) and
#   against its legal basis (legal_basis.rego). The input is {"agreement": ...} alone, no question: so the node asks it
#   once for each agreement when policy is loaded, and puts the answers in data.verdicts, where the decision reads them.
#   One thing that may not be in an agreement is a reason against all of it: nobody should rely on the rest of such a
#   text.
# entrypoint: true
verdict := object.union_n([basis_period, conditions, {
	"reasons": sort({one.code | some one in findings}),
	"findings": [one | some one in (findings | restrictions)],
	"agreement": terms,
	"questions": questions_of_mode,
}])

# METADATA
# description: |
#   What questions are held against: not the agreement's counts, whose list can be long, nor the words around them. What
#   should be text and is none is left out, so that nothing in a question equals it; so are limits that are no numbers
#   and lists that are none, for engines differ in what they make of such.
terms := object.union_n([
	{name: proposed[name] |
		some name in ["id", "purpose"]
		is_string(proposed[name])
	},
	{name: proposed[name] |
		some name in ["valid_from", "valid_until"]
		is_day(proposed[name])
	},
	{side: {"oin": proposed[side].oin} |
		some side in ["requester", "provider"]
		is_string(proposed[side].oin)
	},
	{name: texts |
		some name in ["kinds", "answers"]
		is_array(proposed[name])
		texts := [text | some text in proposed[name]; is_string(text)]
	},
	{"attributes": object.union(
		{"names": [name | some name in proposed.attributes.names; is_string(name)] |
			is_array(proposed.attributes.names)
		},
		{"largest": proposed.attributes.largest | whole_number(proposed.attributes.largest)},
	)},
	{"limits": {name: proposed.limits[name] |
		some name in ["evaluations_per_day", "largest_query"]
		whole_number(proposed.limits[name])
	}},
])

# METADATA
# description: |
#   The conditions of an approval, which both nodes enforce: the agreement's. Of the requester's and the provider's the
#   stricter holds. An agreement that lacks one, or has one of another type, approves of nothing.
# scope: document
default conditions := {}

conditions := {"obligations": {
	"evaluations_per_day": terms.limits.evaluations_per_day,
	"largest_query": terms.limits.largest_query,
	"result_retention_days": proposed.limits.result_retention_days,
	"kinds": terms.kinds,
	"answers": terms.answers,
	"proof": proposed.proof,
	"receipts": proposed.receipts,
}} if {
	whole_number(proposed.limits.result_retention_days)
	is_boolean(proposed.proof)
	is_boolean(proposed.receipts)
}

# METADATA
# description: A day as agreements write it, 2026-01-31. Engines put no other text in the same order.
is_day(value) if {
	is_string(value)
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, value)
}

# METADATA
# description: The agreement that is judged.
proposed := input.agreement

# METADATA
# description: |
#   What is wrong with a part of the agreement: by that kind, or on those days, nothing is approved. What is asked
#   otherwise is decided as if the part were not there.
# scope: document
restrictions contains {
	"code": "answer_never_for_kind",
	"field": place_in("kinds", place),
	"source": "AVG art. 5 lid 1 onder d",
	"what": "an address is shared by a household and by its next inhabitants: attributes are never told by it",
} if {
	"attributes" in terms.answers
	some place, proposed_kind in terms.kinds
	proposed_kind in ambiguous_kinds
}

restrictions contains {
	"code": "legal_basis_not_in_force",
	"field": "valid_from",
	"source": basis_source,
	"what": "the agreement begins before its legal basis does",
} if {
	terms.valid_from < basis_period.valid_from
}

restrictions contains {
	"code": "legal_basis_not_in_force",
	"field": "valid_until",
	"source": basis_source,
	"what": "the agreement goes on after its legal basis ends",
} if {
	basis_period.valid_until < terms.valid_until
}
