package linkage.match

# METADATA
# description: Values of attributes are told, or counted by. A hit has nothing to do with any.
# scope: document
about_attributes if counts

about_attributes if input.action.properties.answer == "attributes"

# METADATA
# description: |
#   The attributes that are asked for; those that the agreement opens, from the first step towards them on; and the
#   attributes that a count is broken down by.
# scope: document
names_at_stake contains name if {
	about_attributes
	some name in names_asked
}

names_at_stake contains name if {
	input.action.properties.answer == "attributes"
	some name in agreement.attributes.names
}

names_at_stake contains catalogue_question.by_requester.attribute if counts

names_at_stake contains catalogue_question.by_provider.attribute if counts

# METADATA
# description: |
#   Every name can be read: it has letters that look like no others. A Cyrillic letter looks like a Latin one, and a
#   list that knows the one does not find the other. The node takes no other agreements; this does not rely on that.
# scope: document
names_are_clear if not about_attributes

names_are_clear if {
	about_attributes
	count(names_at_stake) == 0
}

names_are_clear if clear_names

# METADATA
# description: The names as one text, with two bars between names, if every name can be read.
clear_names := replace(names, "|", "||") if {
	about_attributes
	names := concat("|", names_at_stake)
	regex.match(`^[A-Za-z][A-Za-z0-9 ._-]*(\|[A-Za-z][A-Za-z0-9 ._-]*)*$`, names)
	count(split(names, "|")) == count(names_at_stake)
}

# METADATA
# description: |
#   What is compared, in small letters, with a bar at every edge: the names as words, which end at whatever is no
#   letter and before a capital (`landVan-herkomst 2`), and each as one word (`landvanherkomst`), with digits read as
#   the letters that they look like (`nat1onaliteit`).
compared_names := lower(concat("||", ["", words, one_word, ""])) if {
	words := regex.replace(regex.replace(clear_names, `([a-z])([A-Z])`, "$1|$2"), `[^A-Za-z|]+`, "|")
	digits := {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t"}
	one_word := regex.replace(strings.replace_n(digits, clear_names), `[^A-Za-z|]+`, "")
}

# METADATA
# description: |
#   From every letter on, 24 letters: a word of a list is in a name if one of these begins with it. Cut into 24 at once
#   from each of the first 24 letters on, which is faster than letter by letter.
name_pieces := split(concat("#", cut), "#") if {
	cut := [regex.replace(substring(compared_names, start, -1), `(.{24})`, "$1#") | some start in numbers.range(0, 23)]
}

# METADATA
# description: One of the names says what a list says.
found_in_names(list) if {
	words := [concat(" ", one.words) | some one in list]
	strings.any_prefix_match(name_pieces, split(concat(" ", words), " "))
}
