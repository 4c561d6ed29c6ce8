package linkage.match

# METADATA
# description: What no agreement can lift.
within_guardrails if {
	not attributes_of_ambiguous_kind
	names_are_clear
	not special_name
	not never_told_name
}

# METADATA
# description: |
#   Kinds that name more than one person. An address is shared by a household, and by its next inhabitants: telling
#   attributes by it would tell them about the wrong person.
ambiguous_kinds := {"household"}

# METADATA
# description: Attributes are asked by a kind that does not name one person.
attributes_of_ambiguous_kind if {
	input.action.properties.answer == "attributes"
	input.resource.properties.kind in ambiguous_kinds
}
