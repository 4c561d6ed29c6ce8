package linkage.match

# METADATA
# description: |
#   A question whose two breakdowns make a postcode together: a row of the table for four digits, a column for two
#   letters (`1011` and `AB`), or cut elsewhere. Each alone is harmless, and the table is as fine as both.
findings contains {
	"code": "area_sweep",
	"field": one.field,
	"source": area_source,
	"what": "the two breakdowns together make a postcode with letters, some twenty addresses",
} if {
	some one in crossed
	completes(one.requester, one.provider)
}

# METADATA
# description: The same with the sides the other way round.
findings contains {
	"code": "area_sweep",
	"field": one.field,
	"source": area_source,
	"what": "the two breakdowns together make a postcode with letters, some twenty addresses",
} if {
	some one in crossed
	completes(one.provider, one.requester)
}

# METADATA
# description: The questions with two breakdowns, and of each side the values that can be a part of a postcode.
crossed contains {
	"field": place_in("count.questions", place),
	"requester": in_bars(requester),
	"provider": in_bars(provider),
} if {
	some place, question in proposed.count.questions
	requester := [value | some value in question.by_requester.values; is_string(value); count(value) <= 12]
	provider := [value | some value in question.by_provider.values; is_string(value); count(value) <= 12]
}

# METADATA
# description: Values between bars, in small letters and digits alone, without two letters that are no postcode's.
in_bars(values) := regex.replace(plain, `\|([0-9]*(jr|st|km|kg|ha|mw)|ja|no|ww|zw|aw)\|`, "||") if {
	plain := lower(regex.replace(concat("", ["|", concat("||", values), "|"]), `[^A-Za-z0-9|]+`, ""))
}

# METADATA
# description: Some value of the one is the beginning of a postcode, and some value of the other its end.
completes(one, other) if {
	some cut in postcode_cuts
	regex.match(cut.beginning, one)
	regex.match(cut.end, other)
}

# METADATA
# description: Where a postcode can be cut in two.
postcode_cuts := [
	{"beginning": `\|(nl|pc)?[1-9]\|`, "end": `\|[0-9][0-9][0-9][a-z][a-z]\|`},
	{"beginning": `\|(nl|pc)?[1-9][0-9]\|`, "end": `\|[0-9][0-9][a-z][a-z]\|`},
	{"beginning": `\|(nl|pc)?[1-9][0-9][0-9]\|`, "end": `\|[0-9][a-z][a-z]\|`},
	{"beginning": `\|(nl|pc)?[1-9][0-9][0-9][0-9]\|`, "end": `\|[a-z][a-z]\|`},
	{"beginning": `\|(nl|pc)?[1-9][0-9][0-9][0-9][a-z]\|`, "end": `\|[a-z]\|`},
]
