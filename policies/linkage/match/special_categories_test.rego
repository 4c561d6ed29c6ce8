package linkage.match_test

import data.linkage.match

# METADATA
# description: The reasons against asking for an attribute of this name, which is agreed.
reasons_against_name(name) := decide_under(
	array.concat(as_attributes, [{"op": "replace", "path": "/action/properties/attributes", "value": [name]}]),
	[{"op": "replace", "path": "/attributes/names", "value": [name]}],
).reasons

test_special_categories_are_never_told if {
	every name in [
		"nationaliteit", "Nationality of the partner", "geboorteland", "country-of-birth", "land_van_herkomst",
		"LandVanHerkomst", "etniciteit", "ras", "politieke voorkeur", "geloof", "Religious denomination", "vakbond",
		"trade_union", "gezondheid", "hoofddiagnosecode", "health status", "seksuele geaardheid", "sexual orientation",
		"DNA", "genetic marker", "vingerafdruk", "biometric template", "veroordelingen", "criminal record", "PATIËNT-nr",
	] {
		reasons_against_name(name) == ["special_category"]
	}
}

test_ordinary_names_are_told if {
	every name in [
		"contactpersoon", "wijk", "terras", "trace", "ongelooflijk", "politiedistrict", "discriminatiemelding", "geslacht",
		"team", "telefoon", "regeling", "fase", "stage", "hoogte van de achterstand",
	] {
		reasons_against_name(name) == []
	}
}

test_an_agreement_that_names_one_opens_no_attribute if {
	special := [{"op": "add", "path": "/attributes/names/-", "value": "nationaliteit"}]
	decide_under(as_attributes, special).reasons == ["special_category"]
	tags := [{"op": "replace", "path": "/action/properties/answer", "value": "attributes"}]
	decide_under(tags, special).reasons == ["special_category"]
	decide_under([], special).allow
}

test_a_name_that_is_no_text_is_not_told if {
	no_text := [{"op": "add", "path": "/attributes/names/-", "value": 7}]
	decide_under(as_attributes, no_text).reasons == ["special_category"]
}

test_nothing_is_counted_by_a_special_category if {
	every side in ["by_requester", "by_provider"] {
		path := sprintf("/count/questions/1/%s/attribute", [side])
		special := [{"op": "replace", "path": path, "value": "Land van herkomst"}]
		decide_under(as_count, special).reasons == ["special_category"]
		other := array.concat(as_count, [{"op": "replace", "path": "/action/properties/question", "value": "both"}])
		decide_under(other, special).allow
	}
}

test_every_category_has_its_source if {
	every category in match.special_categories {
		regex.match(`^AVG art\. (5|9|10)\b`, category.source)
		category.what != ""
		count(category.names) > 0
	}
}
