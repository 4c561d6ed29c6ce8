package linkage.match

# METADATA
# description: |
#   Every field is there and of its type. OINs and the hash need no more than that: they have to equal what a known
#   agreement says.
well_formed if {
	well_formed_texts
	well_formed_context
	well_formed_size
	input.subject.type == "organisation"
	input.resource.type == "register"
	input.action.properties.answer in {"count", "hit", "attributes"}
}

# METADATA
# description: What has to be text is text.
well_formed_texts if {
	every text in [
		input.subject.id,
		input.resource.id,
		input.resource.properties.kind,
		input.action.properties.purpose,
		input.context.requester_oin,
		input.context.agreement.id,
		input.context.agreement.hash,
	] {
		is_string(text)
	}
}

# METADATA
# description: Who decides, in which mode, and when (RFC 3339, UTC).
well_formed_context if {
	input.context.role in {"requester", "provider"}
	input.context.mode in {"development", "production"}
	regex.match(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$`, input.context.time)
	used_today
	whole_number(input.context.epoch)
}

# METADATA
# description: An evaluation is about at least one element; the tag set is fetched without any.
# scope: document
well_formed_size if {
	input.action.name == "evaluate"
	elements > 0
}

well_formed_size if {
	input.action.name == "fetch_tag_set"
	elements == 0
}

# METADATA
# description: |
#   How many elements are asked about. Limits are only compared with numbers: engines differ in whether text, null or
#   true is more than a number.
elements := input.action.properties.elements if whole_number(input.action.properties.elements)

# METADATA
# description: How many evaluations were used today, before this question.
used_today := input.context.used_today if whole_number(input.context.used_today)

# METADATA
# description: A number without a fraction, not below zero.
whole_number(value) if {
	is_number(value)
	value >= 0
	value == floor(value)
}
