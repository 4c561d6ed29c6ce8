package linkage.match_test

import data.linkage.match

test_special_categories_are_never_told if {
	every name in [
		"nationaliteit", "Nationality of the partner", "nat_code", "verblijfstatus", "geboorteland", "country-of-birth",
		"land_van_herkomst", "LandVanHerkomst", "land_geboorte", "herkomstgroepering", "bevolkingsgroep", "etniciteit",
		"ras", "rasPartner", "afkomst", "politieke voorkeur", "geloof", "moslim", "kerkgenootschap",
		"Religious denomination", "vakbond", "trade_union", "gezondheid", "hoofddiagnosecode", "health status", "diabetes",
		"zwangerschap", "beperking", "handicap", "ziekte", "medicatie", "verslaving", "psychisch", "ggzindicatie",
		"wlz_indicatie", "Wmo-indicatie", "seksuele geaardheid", "sexual orientation", "DNA", "genetic marker",
		"vingerafdruk", "biometric template", "veroordelingen", "criminal record", "strafbaar_feit", "strafblad",
		"detentie", "politiecontact", "fraude", "nat1onaliteit", "n.a.t.i.o.n.a.l.i.t.e.i.t", "DIAGN0SE",
	] {
		reasons_against_name(name) == ["special_category"]
	}
}

test_ordinary_names_are_told if {
	every name in [
		"contactpersoon", "wijk", "terras", "trace", "ongelooflijk", "politiedistrict", "discriminatiemelding", "geslacht",
		"team", "telefoon", "regeling", "fase", "stage", "hoogte van de achterstand", "indicatie geheim", "traject",
		"behandelaar", "behandelend ambtenaar", "verblijfplaats", "belastingaangifte", "staking uitkering", "donatie",
		"energietransitie", "laatste maatregel", "lastmaat", "desinfectie", "marktkraam", "operating unit", "activiteit",
		"leeftijd", "gender", "taal", "tolk nodig", "huisarts", "bewindvoerder", "postcode", "jeugdhulp",
	] {
		reasons_against_name(name) == []
	}
}

test_an_agreement_that_names_one_opens_nothing if {
	special := [{"op": "add", "path": "/attributes/names/-", "value": "nationaliteit"}]
	decide_under(as_attributes, special).reasons == ["special_category"]
	tags := [{"op": "replace", "path": "/action/properties/answer", "value": "attributes"}]
	decide_under(tags, special).reasons == ["special_category"]
	decide_under([], special).reasons == ["special_category"]
}

test_nothing_is_counted_by_a_special_category if {
	every side in ["by_requester", "by_provider"] {
		path := sprintf("/count/questions/1/%s/attribute", [side])
		special := [{"op": "replace", "path": path, "value": "Land van herkomst"}]
		decide_under(as_count, special).reasons == ["special_category"]
		other := array.concat(as_count, [{"op": "replace", "path": "/action/properties/question", "value": "both"}])
		decide_under(other, special).reasons == ["special_category"]
	}
}

test_every_category_has_its_source if {
	every category in match.special_categories {
		regex.match(`^AVG art\. (5|9|10)\b`, category.source)
		category.what != ""
	}
}

test_every_word_can_be_found if {
	every list in [match.special_categories, match.never_told] {
		count(list) <= 10
		every entry in list {
			count(entry.words) <= 10
			every word in split(concat(" ", entry.words), " ") {
				regex.match(`^[a-z|]{3,24}$`, word)
			}
		}
	}
}
