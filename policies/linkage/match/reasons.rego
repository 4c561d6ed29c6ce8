package linkage.match

# METADATA
# description: |
#   Why the answer is no, as stable codes. Every rule negates a helper that must hold, so that a missing field is a
#   reason too: a rule over a missing field would silently not fire.
# scope: document
reasons contains "malformed" if not well_formed

reasons contains "malformed" if {
	agreement_known
	not obligations
}

reasons contains "agreement_unknown" if not agreement_known

reasons contains "oin_mismatch" if not requester_certified

reasons contains "requester_not_in_agreement" if {
	agreement_known
	not requester_agreed
}

reasons contains "provider_not_in_agreement" if {
	agreement_known
	not provider_agreed
}

reasons contains "agreement_not_yet_valid" if {
	agreement_known
	not started
}

reasons contains "agreement_expired" if {
	agreement_known
	not lasting
}

reasons contains "purpose_not_agreed" if {
	agreement_known
	not purpose_agreed
}

reasons contains "kind_not_agreed" if {
	agreement_known
	not kind_agreed
}

reasons contains "answer_not_agreed" if {
	agreement_known
	not answer_agreed
}

reasons contains "query_too_large" if {
	agreement_known
	not size_agreed
}

reasons contains "budget_exhausted" if {
	agreement_known
	not budget_left
}

reasons contains "question_not_agreed" if {
	agreement_known
	counts
	not question_agreed
}

reasons contains "attribute_not_agreed" if {
	agreement_known
	discloses
	not attributes_agreed
}

reasons contains "case_reference_missing" if {
	discloses
	not case_named
}

reasons contains "answer_never_for_kind" if attributes_of_ambiguous_kind

reasons contains "attribute_name_invalid" if not names_are_clear

reasons contains "special_category" if special_name

reasons contains "attribute_never" if never_told_name
