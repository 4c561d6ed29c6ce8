package linkage.match

# METADATA
# description: |
#   Every field is there and of its type. OINs and the hash need no more than that: they have to equal what a known
#   agreement says.
well_formed if {
	well_formed_texts
	well_formed_context
	well_formed_size
	well_formed_details
	input.subject.type == "organisation"
	input.resource.type == "register"
	input.action.properties.answer in answers_of[input.action.name]
}

# METADATA
# description: The operations, and the rungs of the disclosure ladder that each belongs to. A count opens no tag set.
answers_of := {
	"evaluate": {"hit", "attributes"},
	"fetch_tag_set": {"hit", "attributes"},
	"report_hits": {"hit", "attributes"},
	"count": {"count"},
	"disclose": {"attributes"},
}

# METADATA
# description: A question of the catalogue is counted.
counts if input.action.name == "count"

# METADATA
# description: Attributes are asked for, against claim tokens.
discloses if input.action.name == "disclose"

# METADATA
# description: The requester tells which of its tokens were hits. That is a duty, so it costs nothing.
reports if input.action.name == "report_hits"

# METADATA
# description: What has to be text is text.
well_formed_texts if {
	every text in [
		input.subject.id,
		input.resource.id,
		input.resource.properties.kind,
		input.action.properties.purpose,
		input.action.properties.question,
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
# description: Every operation is about at least one element or token; only the tag set is fetched without any.
# scope: document
well_formed_size if {
	input.action.name != "fetch_tag_set"
	elements > 0
}

well_formed_size if {
	input.action.name == "fetch_tag_set"
	elements == 0
}

# METADATA
# description: |
#   A count names its question; attributes come with names, each once, and say whether there is a case. Where such a
#   field has no meaning it is there, and empty: nobody can read more into the order than was decided about.
# scope: document
well_formed_details if {
	counts
	input.action.properties.question != ""
	input.action.properties.attributes == []
	input.action.properties.for_a_case == false
}

well_formed_details if {
	discloses
	input.action.properties.question == ""
	is_array(input.action.properties.attributes)
	count(names_asked) == count(input.action.properties.attributes)
	is_boolean(input.action.properties.for_a_case)
}

well_formed_details if {
	not counts
	not discloses
	input.action.properties.question == ""
	input.action.properties.attributes == []
	input.action.properties.for_a_case == false
}

# METADATA
# description: |
#   How many elements are asked about, or claim tokens shown. Limits are only compared with numbers: engines differ in
#   whether text, null or true is more than a number.
elements := input.action.properties.elements if whole_number(input.action.properties.elements)

# METADATA
# description: How many of them count for the limits. Telling who was found is a duty, and a duty has no limits.
# scope: document
charged := elements if not reports

charged := 0 if reports

# METADATA
# description: |
#   The names of the attributes that are asked for; what is no text is no name. (Engines differ in what they make of
#   the elements of a text or an object.)
# scope: document
names_asked contains name if {
	is_array(input.action.properties.attributes)
	some name in input.action.properties.attributes
	is_string(name)
}

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
