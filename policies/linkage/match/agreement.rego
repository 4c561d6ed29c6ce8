package linkage.match

# METADATA
# description: |
#   The agreement that the question names, found by the hash of its content: an agreement with another text, however
#   it is called, is another agreement.
agreement := checked.agreement if checked.agreement.id == context.agreement.id

# METADATA
# description: |
#   What was found when the agreement was held against what no agreement can lift, and against its legal basis
#   (verdict.rego). That depends on nothing but the agreement, so it was done when policy was loaded. Verdicts lie in
#   drawers, by the first digits of the hash: the embedded engine goes through the names of an object one by one.
checked := data.verdicts[substring(hash, 0, 1)][substring(hash, 1, 1)][hash] if hash := context.agreement.hash

# METADATA
# description: This node knows the agreement.
agreement_known if agreement.id

# METADATA
# description: This node knows the agreement, and nobody held it against what no agreement can lift.
agreement_unchecked if {
	not checked.agreement.id
	data.agreements[context.agreement.hash].id == context.agreement.id
}

# METADATA
# description: The certificate belongs to the organisation that asks, and the agreement names both organisations.
parties_agreed if {
	requester_certified
	requester_agreed
	provider_agreed
}

# METADATA
# description: The organisation of the certificate is the one that the question names as the requester.
requester_certified if input.subject.id == context.requester_oin

# METADATA
# description: The organisation that asks is the agreement's requester.
requester_agreed if context.requester_oin == agreement.requester.oin

# METADATA
# description: The organisation whose register is asked is the agreement's provider.
provider_agreed if input.resource.id == agreement.provider.oin

# METADATA
# description: Both organisations signed, neither took that back, and where officers activate policy they did.
agreement_in_force if context.agreement.status == "in_force"

# METADATA
# description: Why nothing is asked or answered under an agreement that is not in force.
status_reasons := {
	"unsigned": "agreement_unsigned",
	"rejected": "agreement_rejected",
	"revoked": "agreement_revoked",
	"not_activated": "agreement_not_activated",
}

# METADATA
# description: Today lies between the agreement's first and last day, both included.
period_agreed if {
	started
	lasting
}

# METADATA
# description: The agreement's first day has come (UTC).
started if agreement.valid_from <= today

# METADATA
# description: The agreement's last day is not over (UTC).
lasting if today <= agreement.valid_until

# METADATA
# description: The UTC day of the question, written as in an agreement. Such dates sort as text.
today := substring(context.time, 0, 10)

# METADATA
# description: The question is for the agreed purpose, by an agreed kind, for an agreed answer.
use_agreed if {
	purpose_agreed
	kind_agreed
	answer_agreed
}

# METADATA
# description: The purpose (doel) is the agreement's, to the letter.
purpose_agreed if asked.purpose == agreement.purpose

# METADATA
# description: People are found by an identifier kind that the agreement names.
kind_agreed if kind in agreement.kinds

# METADATA
# description: The rung of the disclosure ladder is one that the agreement names.
answer_agreed if answer in agreement.answers

# METADATA
# description: What is asked for on a rung that has terms of its own is in those terms.
# scope: document
terms_agreed if {
	not counts
	not discloses
}

terms_agreed if {
	counts
	question_agreed
}

terms_agreed if {
	discloses
	attributes_agreed
	case_named
}

# METADATA
# description: The count is one of the agreement's catalogue, and may be counted in this mode (counts.rego).
question_agreed if asked.question in checked.questions[context.mode]

# METADATA
# description: It is one of the catalogue, and its answers protect persons too little for production.
question_unprotected if {
	context.mode == "production"
	asked.question in checked.questions.development
	not question_agreed
}

# METADATA
# description: At least one attribute is asked for, and each that is asked for is agreed.
attributes_agreed if {
	count(names_asked) > 0
	not names_are_strange
}

# METADATA
# description: Attributes are asked for in a case, whose reference the order bears.
case_named if asked.for_a_case == true

# METADATA
# description: The question fits in what one query, and one day, may hold.
within_limits if {
	size_agreed
	budget_left
}

# METADATA
# description: One query holds no more elements than agreed, and no more persons whose attributes are asked for.
# scope: document
size_agreed if {
	not discloses
	charged <= agreement.limits.largest_query
}

size_agreed if {
	discloses
	charged <= agreement.limits.largest_query
	charged <= agreement.attributes.largest
}

# METADATA
# description: With this query, today's evaluations stay within the day's budget.
budget_left if used_today + charged <= agreement.limits.evaluations_per_day
