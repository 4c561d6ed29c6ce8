package linkage.match

# METADATA
# description: |
#   What the values say that counts are broken down by. A value is text to the letter as a register has it, so it is not
#   read as strictly as a name: letters with accents are taken, which end a word, and digits are no letters. What a code
#   stands for, such as `a` for a disease or a street, is for the privacy officer to see.
values_proposed contains {"field": concat(".", [one.field, "values"]), "values": texts} if {
	some one in breakdowns
	texts := [value | some value in one.breakdown.values; is_string(value)]
}

# METADATA
# description: All of them. Nearly always nothing is wrong with any, and none need be looked at alone.
all_values := concat(" | ", [value | some one in values_proposed; some value in one.values])

# METADATA
# description: |
#   No area sweeps (SyRI): no category of a count is as small as a street, which is what a postcode with its letters is.
#   Districts and neighbourhoods are not small, nor are the four digits of a postcode: thousands of people. That a
#   requester asks about its own clients alone, and not about every address there is, cannot be seen in an agreement:
#   its orders commit to its register, and an auditor can check them.
findings contains {
	"code": "area_sweep",
	"field": one.field,
	"source": "EVRM art. 8; Rechtbank Den Haag 5 februari 2020, ECLI:NL:RBDHA:2020:865",
	"what": "a category reads as a postcode with letters, some twenty addresses, or as a house",
} if {
	is_small(all_values)
	some one in values_proposed
	some value in one.values
	is_small(value)
}

# METADATA
# description: |
#   The same for a letter of another script, that looks like one of a postcode. So no sign beyond ASCII at all stands
#   beside four digits: the embedded engine does not know which of them are letters.
findings contains {
	"code": "area_sweep",
	"field": one.field,
	"source": "EVRM art. 8; Rechtbank Den Haag 5 februari 2020, ECLI:NL:RBDHA:2020:865",
	"what": "a category has four digits and a sign beyond plain letters, which can be a postcode in disguise",
} if {
	is_disguised(all_values)
	some one in values_proposed
	some value in one.values
	is_disguised(value)
}

# METADATA
# description: A special category of personal data (`moslim`, `diabetes`), whatever its attribute is called.
findings contains {"code": "special_category", "field": one.field, "source": entry.source, "what": entry.what} if {
	strings.any_prefix_match(pieces_of_values, special_words)
	some one in values_proposed
	some entry in special_categories
	value_says(entry, concat(" | ", one.values))
}

# METADATA
# description: A risk or a profile (`hoog risico`).
findings contains {"code": "attribute_never", "field": one.field, "source": entry.source, "what": entry.what} if {
	strings.any_prefix_match(pieces_of_values, never_told_words)
	some one in values_proposed
	some entry in never_told
	value_says(entry, concat(" | ", one.values))
}

# METADATA
# description: |
#   The text holds a postcode with letters: four digits and two letters that are no longer word, whatever stands around
#   and between (`NL-1011.AB 12`). Or a street with a house number; a street alone is often a neighbourhood's name
#   (Oude Straat-buurt, De Langstraat).
# scope: document
is_small(text) if {
	digits := `[1-9] ?[0-9] ?[0-9] ?[0-9]`
	letters := `([A-Za-z][A-Za-z]|[^A-Za-z0-9]*[A-Za-z][^A-Za-z0-9]*[A-Za-z]([^A-Za-z]|$))`
	regex.match(concat("", [digits, letters]), without_short_words(text))
}

is_small(text) if {
	street := `[a-z](straat|laan|weg|gracht|kade|plein|singel|steeg|street)`
	number := `[^a-z0-9]*((nr|no|nummer)[^a-z0-9]*)?[0-9]`
	regex.match(concat("", [street, number]), lower(regex.replace(text, `[^ -~]+`, " ")))
}

# METADATA
# description: Four digits, and a sign beyond ASCII.
is_disguised(text) if {
	regex.match(`[^ -~]`, text)
	regex.match(`[0-9] ?[0-9] ?[0-9] ?[0-9]`, text)
}

# METADATA
# description: Without words of two letters that often follow a year, an amount or four digits of a postcode.
without_short_words(text) := regex.replace(
	text, concat("", [
		` (en|of|t/m|De|Den|In|Op|Te)`,
		`( (later|eerder|ouder|jonger|meer|minder|hoger|lager|[0-9][0-9][0-9][0-9]|[A-Z][a-z]))`,
	]),
	"$2",
)

# METADATA
# description: All values, cut into pieces as names are (attribute_names.rego).
pieces_of_values := split(concat("#", cut), "#") if {
	compared := words_of_values(all_values)
	cut := [cut_from(compared, start) | some start in numbers.range(0, 23)]
}

# METADATA
# description: |
#   Values as words, in small letters, with a bar between words and two at the ends. Not as one word, as names are: Park
#   Anker is no `kanker`.
words_of_values(text) := lower(concat("", ["||", regex.replace(apart, `[^A-Za-z]+`, "|"), "||"])) if {
	apart := regex.replace(text, `([a-z])([A-Z])`, "$1|$2")
}

# METADATA
# description: An entry of a list is about these values, for a word of it is in them that is no place and no paper.
value_says(entry, text) if {
	compared := words_of_values(text)
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
		`autis justitie prison surinaam antillia |roma| |blind| |bsn bsn| paspoort passport`,
		`identiteitskaart identiteitsbewijs`,
	]),
	" ",
)
