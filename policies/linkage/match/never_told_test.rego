package linkage.match_test

import data.linkage.match

test_risks_and_identifiers_are_never_told if {
	every name in [
		"risico_score", "risicoscore", "risk score", "riskLevel", "Risico op huisuitzetting", "kans op werk", "kans_op",
		"kansopschuld", "profiel", "klantprofiel", "profiling", "voorspelling", "zwarte lijst", "bsn", "BSN", "b.s.n.",
		"partner_bsn", "bsnPartner", "PartnerBSN", "bsn2", "burgerservicenummer", "sofinummer", "a_nummer", "anummer",
		"A-nummer partner", "partner_a_nummer", "administratienummer", "V-nummer", "paspoortnummer",
	] {
		reasons_against_name(name) == ["attribute_never"]
	}
}

test_a_name_can_be_both if {
	reasons_against_name("fraude_score") == ["attribute_never", "special_category"]
}

test_ordinary_numbers_are_told if {
	every name in [
		"telefoonnummer", "klantnummer", "zaaknummer", "huisnummer", "agendanummer", "datanummer", "dossiernummer",
		"aantal jobs nu", "websnelheid", "kanskaart", "asterisk", "frisk",
	] {
		reasons_against_name(name) == []
	}
}

test_two_names_are_no_word_together if {
	decide_under(as_attributes, [{"op": "add", "path": "/attributes/names/-", "value": "b"}]).reasons == []
	together := [{"op": "replace", "path": "/attributes/names", "value": ["a", "nummer", "team", "na", "tionaliteit"]}]
	decide_under(as_attributes, together).reasons == []
}

test_nothing_is_counted_by_what_is_never_told if {
	every side in ["by_requester", "by_provider"] {
		path := sprintf("/count/questions/1/%s/attribute", [side])
		decide_under(as_count, [{"op": "replace", "path": path, "value": "risicoscore"}]).reasons == ["attribute_never"]
	}
}

test_every_entry_has_its_source if {
	every entry in match.never_told {
		regex.match(`^U?AVG art\. \d`, entry.source)
		entry.what != ""
	}
}
