package linkage.match

# METADATA
# description: The law on numbers that identify a person.
identifier_source := "UAVG art. 46; Wabb art. 10 en 11; AVG art. 87"

# METADATA
# description: |
#   No category of a count is a person: a row for a BSN tells whether that person is known to both, which is a hit and
#   no count. What is refused reads as a number of a person, whatever its attribute is called.
findings contains {
	"code": "attribute_never",
	"field": one.field,
	"source": identifier_source,
	"what": "a category reads as a BSN, or as another number of a person",
} if {
	digits_in_a_row
	some one in values_proposed
	some value in one.values
	is_number_of_a_person(value)
}

# METADATA
# description: Somewhere in the values are eight digits with no letter between them. Nearly always there are not.
digits_in_a_row if {
	some group in value_groups
	regex.match(`([0-9][^A-Za-z0-9]*){8}`, group)
}

# METADATA
# description: |
#   Eight digits or more on end; not those of a neighbourhood (`BU03630001`). Or eight or nine with dots, blanks or
#   hyphens among them, if they pass the eleven-test (elfproef) of the BSN, as one in eleven ranges of amounts does by
#   chance; not two years (`1945-1970`).
# scope: document
is_number_of_a_person(value) if regex.match(`[0-9]{8}`, without_neighbourhoods(value))

is_number_of_a_person(value) if {
	left := without_neighbourhoods(value)
	regex.match(`^[^0-9]*([0-9][^A-Za-z0-9]*){8,9}[^0-9]*$`, left)
	not regex.match(`^[^0-9]*(18|19|20)[0-9][0-9][^0-9]+(18|19|20)[0-9][0-9][^0-9]*$`, left)
	digits := concat("", ["0", regex.replace(left, `[^0-9]+`, "")])
	passes_eleven_test(substring(digits, count(digits) - 9, 9))
}

# METADATA
# description: The value without codes of neighbourhoods, which one in eleven would else read as a BSN.
without_neighbourhoods(value) := regex.replace(value, `BU[01][0-9]{7}([^0-9]|$)`, "$1")

# METADATA
# description: |
#   Nine digits, weighed 9 to 2 and the last -1, add up to a multiple of eleven, and are not all zero (Logisch Ontwerp
#   BSN).
passes_eleven_test(digits) if {
	first := ((9 * digit(digits, 0)) + (8 * digit(digits, 1))) + (7 * digit(digits, 2))
	middle := ((6 * digit(digits, 3)) + (5 * digit(digits, 4))) + (4 * digit(digits, 5))
	last := ((3 * digit(digits, 6)) + (2 * digit(digits, 7))) + (10 * digit(digits, 8))
	weighed := (first + middle) + last
	weighed > 0
	weighed % 11 == 0
}

# METADATA
# description: The digit at a place.
digit(digits, place) := to_number(substring(digits, place, 1))
