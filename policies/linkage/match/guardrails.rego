package linkage.match

# METADATA
# description: |
#   What no agreement can lift, of what a question asks. What an agreement itself may not hold is in its verdict. Three
#   guardrails are not for these rules, which see neither people nor results, and the node keeps them itself. Test
#   numbers are refused when a register is loaded or a person is asked about in production (UAVG art. 46). Whoever has a
#   secret address is never in a kind that is made of an address (Wet BRP art. 2.59). And every result says that it is a
#   signal for a person to look at, never a decision (AVG art. 22).
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: "AVG (GDPR): art. 5(1)(d) accuracy, for kinds that name more than one person"
within_guardrails if {
	checked.reasons == []
	basis_lasting
	not attributes_of_ambiguous_kind
	not names_are_strange
}

# METADATA
# description: The agreement's legal basis is in force on the day of the question.
basis_lasting if {
	checked.valid_from <= today
	today <= checked.valid_until
}

# METADATA
# description: |
#   Kinds that name more than one person. An address is shared by a household, and by its next inhabitants: telling
#   attributes by it would tell them about the wrong person.
ambiguous_kinds := {"household"}

# METADATA
# description: Attributes are asked by a kind that does not name one person.
attributes_of_ambiguous_kind if {
	answer == "attributes"
	kind in ambiguous_kinds
}

# METADATA
# description: |
#   Names that are asked for and are not agreed. That is refused anyway, and the verdict knows none of them; but what
#   else is wrong with such a question is worth knowing.
strange_names := names_asked - {name | some name in agreement.attributes.names}

# METADATA
# description: There are such names.
# scope: document
default names_are_strange := false

names_are_strange if {
	discloses
	count(strange_names) > 0
}

# METADATA
# description: They, as they are compared, if all can be read.
strange_compared := concat("", [compared_names({name}) | some name in strange_names]) if names_are_clear(strange_names)

# METADATA
# description: Something is asked for whose name cannot be read.
unclear_name if {
	names_are_strange
	not names_are_clear(strange_names)
}

# METADATA
# description: Something is asked for whose name shows a special category of personal data.
special_name if {
	names_are_strange
	mentions(strange_compared, special_words)
}

# METADATA
# description: Something is asked for whose name says that it is never told.
never_told_name if {
	names_are_strange
	mentions(strange_compared, never_told_words)
}
