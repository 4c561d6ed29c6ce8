package linkage.match

# METADATA
# description: |
#   Why the answer is no, as stable codes. An organisation that has a reason of its own adds it here, with a rule of the
#   same form in a file of its own: no question against which there is a reason is approved.
reasons contains code if {
	not fits
	some code in why_not
}

# METADATA
# description: |
#   What of a question does not fit. Every rule negates a helper that must hold, so that a missing field is a reason
#   too: a rule over a missing field would silently not fire.
# scope: document
why_not contains "malformed" if not well_formed

why_not contains "malformed" if {
	agreement_known
	not checked.obligations.kinds
}

why_not contains "agreement_unknown" if {
	not agreement_known
	not agreement_unchecked
}

why_not contains "guardrails_unchecked" if agreement_unchecked

why_not contains "oin_mismatch" if not requester_certified

why_not contains "requester_not_in_agreement" if {
	agreement_known
	not requester_agreed
}

why_not contains "provider_not_in_agreement" if {
	agreement_known
	not provider_agreed
}

why_not contains "agreement_not_yet_valid" if {
	agreement_known
	not started
}

why_not contains "agreement_expired" if {
	agreement_known
	not lasting
}

why_not contains "purpose_not_agreed" if {
	agreement_known
	not purpose_agreed
}

why_not contains "kind_not_agreed" if {
	agreement_known
	not kind_agreed
}

why_not contains "answer_not_agreed" if {
	agreement_known
	not answer_agreed
}

why_not contains "query_too_large" if {
	agreement_known
	not size_agreed
}

why_not contains "budget_exhausted" if {
	agreement_known
	not budget_left
}

why_not contains "question_not_agreed" if {
	agreement_known
	counts
	not question_agreed
	not question_unprotected
}

why_not contains "count_unprotected" if {
	agreement_known
	counts
	question_unprotected
}

why_not contains "attribute_not_agreed" if {
	agreement_known
	discloses
	not attributes_agreed
}

why_not contains "case_reference_missing" if {
	discloses
	not case_named
}

why_not contains status_reasons[context.agreement.status] if {
	agreement_known
	not agreement_in_force
}

why_not contains code if {
	agreement_known
	some code in checked.reasons
}

why_not contains "legal_basis_not_in_force" if {
	agreement_known
	checked.valid_from
	not basis_lasting
}

why_not contains "answer_never_for_kind" if attributes_of_ambiguous_kind

why_not contains "attribute_name_invalid" if unclear_name

why_not contains "special_category" if special_name

why_not contains "attribute_never" if never_told_name
