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
	mentions(names_compared, special_words)
	some one in names_alone
	some entry in special_categories
	mentions(one.compared, split(concat(" ", entry.words), " "))
}

# METADATA
# description: A name that says that it is never told (never_told.rego).
findings contains {"code": "attribute_never", "field": one.field, "source": entry.source, "what": entry.what} if {
	mentions(names_compared, never_told_words)
	some one in names_alone
	some entry in never_told
	mentions(one.compared, split(concat(" ", entry.words), " "))
}

# METADATA
# description: A name that is itself the number of a person (identifiers.rego).
findings contains {
	"code": "attribute_never",
	"field": one.field,
	"source": identifier_source,
	"what": "the name holds a number of eight digits or more, as a BSN is",
} if {
	some one in names_proposed
	is_string(one.name)
	regex.match(`([0-9][ ._-]*){8}`, one.name)
}

# METADATA
# description: Each name by itself, as it is compared, with its field.
names_alone contains {"field": one.field, "compared": compared_names({one.name})} if some one in names_proposed

# METADATA
# description: All names that can be read, once each.
names_read := [name | some name in {one.name | some one in names_proposed; names_are_clear({one.name})}]

# METADATA
# description: |
#   They, as they are compared. Nearly always no list says anything of any, and none need be looked at alone. Eight at a
#   time, because the embedded engine fails on regular expressions over long texts.
names_compared := concat("", [compared |
	some start in numbers.range_step(0, count(names_read) - 1, 8)
	compared := compared_names(array.slice(names_read, start, start + 8))
])
