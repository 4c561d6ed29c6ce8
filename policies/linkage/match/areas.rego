package linkage.match

# METADATA
# description: |
#   No area sweeps (SyRI): no category of a count is as small as a street, which is what a postcode with its letters is.
#   Districts and neighbourhoods are not small, nor are the four digits of a postcode: thousands of people. That a
#   requester asks about its own clients alone, and not about every address there is, cannot be seen in an agreement:
#   its orders commit to its register, and an auditor can check them.
area_source := "EVRM art. 8; Rechtbank Den Haag 5 februari 2020, ECLI:NL:RBDHA:2020:865"

# METADATA
# description: A breakdown by what its name says is an address or a part of one.
findings contains {
	"code": "area_sweep",
	"field": one.field,
	"source": area_source,
	"what": "an address or a part of one: nothing is counted by so small an area",
} if {
	mentions(names_compared, address_words)
	some one in names_proposed
	startswith(one.field, "count.")
	is_string(one.name)
	name := regex.replace(one.name, `([Pp][Oo][Ss][Tt][Cc][Oo][Dd][Ee]|[Pp][Cc])[ ._-]*4([^0-9]|$)`, "wijk $2")
	mentions(compared_names({name}), address_words)
}

# METADATA
# description: A value that names so small an area.
findings contains {
	"code": "area_sweep",
	"field": one.field,
	"source": area_source,
	"what": "a category reads as a postcode with letters, some twenty addresses, or as a house",
} if {
	values_seem_small
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
	"source": area_source,
	"what": "a category has four digits and a sign beyond plain letters, which can be a postcode in disguise",
} if {
	some group in value_groups
	is_disguised(group)
	some one in values_proposed
	some value in one.values
	is_disguised(value)
}

# METADATA
# description: |
#   Words in the name of an attribute that is an address or a part of one, as in special_categories.rego. The four
#   digits alone are a district: `postcode4` and `pc4` are taken, `postcode` is not, which can be more.
address_words := split(
	concat(" ", [
		`straat |street| address adres huisnummer huisnr housenumber housenr verblijfsobject postcode postalcode zipcode`,
		`|pc| pcletter |letters| lettercombinatie |bag| bagid bagobject |pand| |panden| pandid nummeraanduid perceel`,
	]),
	" ",
)

# METADATA
# description: Some of the values, sixteen together, do so. Nearly always none do, and none need be looked at alone.
values_seem_small if {
	some group in value_groups
	is_small(group)
}

# METADATA
# description: |
#   The text holds a postcode with letters: four digits and two letters that are no longer word, whatever stands around
#   and between (`NL-1011.AB 12`, `10-11AB`).
# scope: document
is_small(text) if {
	digits := `[1-9][ .,/_-]?[0-9][ .,/_-]?[0-9][ .,/_-]?[0-9]`
	letters := `([A-Za-z][A-Za-z]|[^A-Za-z0-9]*[A-Za-z][^A-Za-z0-9]*[A-Za-z]([^A-Za-z]|$))`
	regex.match(concat("", [digits, letters]), without_short_words(text))
}

# METADATA
# description: The same with the letters first (`AB1011`).
is_small(text) if {
	letters := `(^|[^A-Za-z])[A-Za-z][^A-Za-z0-9]*[A-Za-z][^A-Za-z0-9]*`
	regex.match(concat("", [letters, `[1-9][0-9][0-9][0-9]([^0-9]|$)`]), without_words_before(text))
}

# METADATA
# description: The same with an O or an I for a digit (`1O11AB`).
is_small(text) if {
	edge := `(^|[^A-Za-z0-9])`
	digits := `([1-9I][0-9OI][0-9OI][0-9OI]|[1-9][0-9ol][0-9ol][0-9ol])`
	letters := `[^A-Za-z0-9]*[A-Za-z][^A-Za-z0-9]*[A-Za-z]([^A-Za-z]|$)`
	regex.match(concat("", [edge, digits, letters]), without_short_words(text))
}

# METADATA
# description: |
#   A street with a house number; a street alone is often a neighbourhood's name (Oude Straat-buurt, De Langstraat).
is_small(text) if {
	street := `([a-z](straat|str|laan|weg|gracht|kade|plein|singel|steeg|street|pad|hof|dreef|dijk)|plantsoen|boulevard)`
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
# description: |
#   Without words of two letters that often follow a year, an amount, four digits of a postcode, or a range
#   (`18-64 jr`).
without_short_words(text) := regex.replace(ranged, `([0-9]-[0-9]+) (jr|st|km|kg|ha|mw)([^A-Za-z]|$)`, "$1$3") if {
	ranged := regex.replace(
		text, concat("", [
			` (en|of|t/m|De|Den|In|Op|Te)`,
			`( (later|eerder|ouder|jonger|meer|minder|hoger|lager|[0-9][0-9][0-9][0-9]|[A-Z][a-z]))`,
		]),
		"$2",
	)
}

# METADATA
# description: Without words of two letters that often stand before a year or four digits (`GM1680`).
without_words_before(text) := regex.replace(
	text, concat("", [`(^|[^A-Za-z0-9])(t/m|[Ee]n|[Oo]f|[Ii]n|[Nn]a|[Oo]p|[Tt]e|tm|GM|[Pp][Cc]|NL)([^A-Za-z0-9]?[0-9])`]),
	"$1$3",
)
