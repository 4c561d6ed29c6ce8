package linkage.match

# METADATA
# description: What is asked. (Read once, because the embedded engine takes its time over a long way into the input.)
asked := input.action.properties

# METADATA
# description: The operation that is asked for.
operation := input.action.name

# METADATA
# description: The rung of the disclosure ladder.
answer := asked.answer

# METADATA
# description: The identifier kind that people are found by.
kind := input.resource.properties.kind

# METADATA
# description: By whom, when, under which agreement.
context := input.context

# METADATA
# description: Every field is there and of its type.
well_formed if {
	well_formed_texts
	context.agreement.status in {"in_force", "unsigned", "rejected", "revoked", "not_activated"}
	sound
}

# METADATA
# description: |
#   So is every field that need not equal a text of the agreement. (Those that must, are text if they do: a verdict
#   holds no other. So an approval need not look at their type, and is quicker.)
sound if {
	well_formed_context
	well_formed_size
	well_formed_details
	answer_of_operation
	input.subject.type == "organisation"
	input.resource.type == "register"
	is_string(asked.processing_activity_id)
}

# METADATA
# description: The operation is known, and belongs to this rung of the disclosure ladder. A count opens no tag set.
# scope: document
answer_of_operation if {
	counts
	answer == "count"
}

else if {
	discloses
	answer == "attributes"
}

else if {
	operation in {"evaluate", "fetch_tag_set", "report_hits"}
	answer in {"hit", "attributes"}
}

# METADATA
# description: A question of the catalogue is counted.
counts if operation == "count"

# METADATA
# description: Attributes are asked for, against claim tokens.
discloses if operation == "disclose"

# METADATA
# description: The requester tells which of its tokens were hits. That is a duty, so it costs nothing.
reports if operation == "report_hits"

# METADATA
# description: What has to be text is text, for nothing else can be put together (and this is quick).
well_formed_texts if {
	concat("", [
		input.subject.id,
		input.resource.id,
		kind,
		asked.purpose,
		asked.question,
		asked.processing_activity_id,
		context.requester_oin,
		context.agreement.id,
		context.agreement.hash,
	]) != ""
}

# METADATA
# description: |
#   Who decides, in which mode, in which epoch, and when (RFC 3339, UTC, in seconds or milliseconds).
well_formed_context if {
	context.role in {"requester", "provider"}
	context.mode in {"development", "production"}
	regex.replace(context.time, `\d`, "0") in {"0000-00-00T00:00:00Z", "0000-00-00T00:00:00.000Z"}
	used_today
	whole_number(context.epoch)
}

# METADATA
# description: Every operation is about at least one element or token; only the tag set is fetched without any.
# scope: document
well_formed_size if {
	operation != "fetch_tag_set"
	elements > 0
}

well_formed_size if {
	operation == "fetch_tag_set"
	elements == 0
}

# METADATA
# description: |
#   A count names its question; attributes come with names, each once, and say whether there is a case. Where such a
#   field has no meaning it is there, and empty: nobody can read more into the order than was decided about.
# scope: document
well_formed_details if {
	counts
	asked.question != ""
	asked.attributes == []
	asked.for_a_case == false
}

well_formed_details if {
	discloses
	asked.question == ""
	is_array(asked.attributes)
	count(names_asked) == count(asked.attributes)
	is_boolean(asked.for_a_case)
}

well_formed_details if {
	not counts
	not discloses
	asked.question == ""
	asked.attributes == []
	asked.for_a_case == false
}

# METADATA
# description: |
#   How many elements are asked about, or claim tokens shown. Limits are only compared with numbers: engines differ in
#   whether text, null or true is more than a number.
elements := asked.elements if whole_number(asked.elements)

# METADATA
# description: How many of them count for the limits. Telling who was found is a duty, and a duty has no limits.
# scope: document
charged := 0 if reports

else := elements

# METADATA
# description: |
#   The names of the attributes that are asked for; what is no text is no name. (Engines differ in what they make of
#   the elements of a text or an object.)
# scope: document
names_asked contains name if {
	is_array(asked.attributes)
	some name in asked.attributes
	is_string(name)
}

# METADATA
# description: How many evaluations were used today, before this question.
used_today := context.used_today if whole_number(context.used_today)

# METADATA
# description: |
#   A number without a fraction, not below zero, and so small that every engine keeps it exact. What is no number is not
#   rounded down.
whole_number(value) if {
	value == abs(floor(value))
	value < 9007199254740992
}
