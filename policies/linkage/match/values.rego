package linkage.match

# METADATA
# description: |
#   What the values say that counts are broken down by. A value is text to the letter as a register has it, so it is not
#   read as strictly as a name: letters with accents are taken, which end a word, and digits are no letters. What a code
#   stands for, such as `a` for a disease or a street, is for the privacy officer to see. How small the areas are that
#   values name is in areas.rego, and which number is a person's in identifiers.rego.
values_proposed contains {"field": concat(".", [one.field, "values"]), "values": texts} if {
	some one in breakdowns
	texts := [value | some value in one.breakdown.values; is_string(value); count(value) <= 64]
}

# METADATA
# description: A value that is longer than the node takes is not read, so nobody can rely on what it says.
findings contains {
	"code": "malformed",
	"field": concat(".", [one.field, "values"]),
	"source": "AVG art. 5 lid 1 onder a en art. 9",
	"what": "a category is longer than 64 letters",
} if {
	some one in breakdowns
	some value in one.breakdown.values
	is_string(value)
	count(value) > 64
}

# METADATA
# description: A special category of personal data (`moslim`, `diabetes`), whatever its attribute is called.
findings contains {"code": "special_category", "field": one.field, "source": entry.source, "what": entry.what} if {
	mentions(words_in_values, special_words)
	some one in worded_values
	some entry in special_categories
	value_says(entry, one.words)
}

# METADATA
# description: A risk or a profile (`hoog risico`).
findings contains {"code": "attribute_never", "field": one.field, "source": entry.source, "what": entry.what} if {
	mentions(words_in_values, never_told_words)
	some one in worded_values
	some entry in never_told
	value_says(entry, one.words)
}

# METADATA
# description: All values, in a list, because the embedded engine takes its time over a large set.
values_read := [value | some one in values_proposed; some value in one.values]

# METADATA
# description: |
#   They, sixteen at a time, because the embedded engine fails on regular expressions over long texts. Nearly always
#   nothing is wrong with any, and none need be looked at alone.
value_groups := [concat(" | ", array.slice(values_read, start, start + 16)) |
	some start in numbers.range_step(0, count(values_read) - 1, 16)
]

# METADATA
# description: The words of all values.
words_in_values := concat("", [words_of(group) | some group in value_groups])

# METADATA
# description: The words of the values of each breakdown, with its field.
worded_values contains {"field": one.field, "words": words} if {
	some one in values_proposed
	words := concat("", [words_of(concat(" | ", array.slice(one.values, start, start + 16))) |
		some start in numbers.range_step(0, count(one.values) - 1, 16)
	])
}

# METADATA
# description: |
#   Values as words, in small letters, with a bar between words and two at the ends, and once more with edges where
#   Dutch writes words together. Not as one word, as names are: Park Anker is no `kanker`.
words_of(text) := with_parts(lower(concat("", ["||", regex.replace(apart, `[^A-Za-z]+`, "|"), "||"]))) if {
	apart := regex.replace(text, `([a-z])([A-Z])`, "$1|$2")
}

# METADATA
# description: An entry of a list is about these values, for a word of it is in them that is no place and no paper.
value_says(entry, compared) if {
	some line in entry.words
	some word in split(line, " ")
	contains(compared, word)
	not word in places_and_papers
}

# METADATA
# description: |
#   Words of the lists that values may hold, though names may not: neighbourhoods are called so (Kerk en Zanen,
#   Ziekenhuis en omgeving, Nautisch Kwartier), and that somebody has a passport or a BSN is no number.
places_and_papers := split(
	concat(" ", [
		`|kerk| |church| |moskee| |mosque| synagog ziekenhuis hospital gezondheid medisch medical psych revalid gevangen`,
		`autis justitie prison surinaam antillia |roma| |blind| bsn paspoort passport`,
		`identiteitskaart identiteitsbewijs parochi`,
	]),
	" ",
)
