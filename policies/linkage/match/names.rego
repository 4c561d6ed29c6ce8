package linkage.match

# METADATA
# description: |
#   The attributes of an agreement, each with its field: those that are told, and those that a count is broken down by,
#   on either side. The requester's own categories are no way round, and the provider learns the exact table.
# scope: document
names_proposed contains {"field": place_in("attributes.names", place), "name": name} if {
	some place, name in proposed.attributes.names
}

names_proposed contains {"field": concat(".", [one.field, "attribute"]), "name": one.breakdown.attribute} if {
	some one in breakdowns
}

# METADATA
# description: What the agreement's counts are broken down by, each with its field.
breakdowns contains {"field": concat(".", [place_in("count.questions", place), by]), "breakdown": breakdown} if {
	some place, question in proposed.count.questions
	some by in ["by_requester", "by_provider"]
	breakdown := question[by]
}

# METADATA
# description: The field of something in a list; what should be a list and has names is looked at all the same.
# scope: document
place_in(list, place) := concat(".", [list, format_int(place, 10)]) if is_number(place)

place_in(list, place) := concat(".", [list, place]) if is_string(place)

# METADATA
# description: A name that cannot be read is not taken, for nobody can check what it means.
findings contains {
	"code": "attribute_name_invalid",
	"field": one.field,
	"source": "AVG art. 5 lid 1 onder a en art. 9",
	"what": "the name has letters that can be taken for others, so that nobody can check what it means",
} if {
	some one in names_proposed
	not names_are_clear({one.name})
}

# METADATA
# description: A name that shows a special category of personal data (special_categories.rego).
findings contains {"code": "special_category", "field": one.field, "source": entry.source, "what": entry.what} if {
	mentions(pieces_proposed, special_words)
	some one in names_proposed
	some entry in special_categories
	says(entry, one.name)
}

# METADATA
# description: A name that says that it is never told (never_told.rego).
findings contains {"code": "attribute_never", "field": one.field, "source": entry.source, "what": entry.what} if {
	mentions(pieces_proposed, never_told_words)
	some one in names_proposed
	some entry in never_told
	says(entry, one.name)
}

# METADATA
# description: A breakdown by what its name says is an address or a part of one. (Its values are in values.rego.)
findings contains {"code": "area_sweep", "field": one.field, "source": entry.source, "what": entry.what} if {
	mentions(pieces_proposed, address_words)
	some one in names_proposed
	startswith(one.field, "count.")
	some entry in addresses
	says(entry, one.name)
}

# METADATA
# description: |
#   All names that can be read, cut into pieces. Nearly always no list says anything of any, and none need be looked at
#   alone.
pieces_proposed := split(concat("#", cut), "#") if {
	compared := compared_names({one.name | some one in names_proposed; names_are_clear({one.name})})
	cut := [cut_from(compared, start) | some start in numbers.range(0, 23)]
}

# METADATA
# description: Words in the name of an attribute that is an address or a part of one, as in special_categories.rego.
addresses := [{
	"what": "an address or a part of one: nothing is counted by so small an area",
	"source": "EVRM art. 8; Rechtbank Den Haag 5 februari 2020, ECLI:NL:RBDHA:2020:865",
	"words": [`straat |street| |address| |adres| woonadres huisnummer huisnr housenumber housenr verblijfsobject`],
}]

# METADATA
# description: Its words, one by one.
address_words := split(concat(" ", [concat(" ", one.words) | some one in addresses]), " ")
