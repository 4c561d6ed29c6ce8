package linkage.match_test

# METADATA
# description: The reasons against an agreement that counts by these values, at the requester.
faults_of_values(values) := faults_with("/count/questions/1/by_requester/values", values)

test_no_category_is_as_small_as_a_street if {
	every value in [
		"1234AB", "1234 ab", " 9999ZZ ", "1011-AB", "1011.AB", "NL-1011AB", "1011AB 12", "1011AB-1011AC", "1011A B",
		"pc1011AB", "1011_AB", "10 11 AB", "1011ABx", "1011 en", "1011 en 12", "1011 De", "Wijk 12 1011AB",
	] {
		faults_of_values(["North", value]) == ["area_sweep"]
		faults_with("/count/questions/1/by_provider/values", ["North", value]) == ["area_sweep"]
	}
}

test_no_category_is_a_house if {
	every value in ["Kerkstraat 12", "KERKSTRAAT 12a", "Kerkstraat nr. 12", "Oude Laan, Parkweg 3", "Parklaan12"] {
		faults_of_values(["North", value]) == ["area_sweep"]
	}
}

test_four_digits_stand_beside_no_strange_letters if {
	ordinary := ["\u0410\u0412", "1011", "caf\u00e9 12", "\u20ac 100 \u2013 200", "10 m\u00b2"]
	faults_of_values(ordinary) == []
	every value in ["1011\u0410\u0412", "1011 \u0430\u0432", "1011\u24b6\u24b7", "1011A\u0412", "\u0430 1011"] {
		faults_of_values(["North", value]) == ["area_sweep"]
	}
}

test_districts_are_not_small if {
	faults_of_values([
		"1234", "0123AB", "Straat", 7, "Centrum", "Noord", "1011-1015", "1011 en 1012", "Wijk 12", "Oude Straat-buurt",
		"Wijk 01 Kanaleneiland", "Biltstraat en omgeving", "Amsterdamsestraatweg e.o.", "De Langstraat", "Op straat",
		"Stationsplein en omgeving", "Wijk 11 Laan van Spartaan", "1012 De Pijp", "1012 Centrum-West", "WK036301",
		"Laan 1940", "Stadsdeel 3", "1980 t/m 1990", "1980 of later", "2020 tot 2025", "1500 of meer", "1000-2000 euro",
		"18-64 jr", "6-12 mnd", "Q1 2024", "1011", "AB",
	]) == []
}

test_values_show_no_special_category if {
	every value in [
		"moslim", "Diabetes", "Wajong", "WIA", "schulden door verslaving", "patienten", "Marokkaans", "geloofRooms", "ggz",
		"statushouder", "ex-gedetineerd", "ziekte",
	] {
		faults_of_values(["North", value]) == ["special_category"]
	}
	every value in ["hoog risico", "risicoscore 3", "Profiel B"] {
		faults_of_values(["North", value]) == ["attribute_never"]
	}
}

test_ordinary_values_are_counted if {
	faults_of_values([
		"Kerk en Zanen", "Ziekenhuis en omgeving", "Nautisch Kwartier", "Park Anker", "Gevangenpoort", "Surinaamsebuurt",
		"Terras", "Justitiekwartier", "Indische Buurt", "Transvaal", "Turkenburg", "Jodenbreestraat", "Romeinenbuurt",
		"intake", "advice", "repayment", "stabilisatie", "schuldbemiddeling", "nazorg", "beëindigd", "bijstand", "WW",
		"AOW", "Wmo", "Jeugdwet", "Participatiewet", "man", "vrouw", "alleenstaand", "eenoudergezin", "gezin met kinderen",
		"huur", "koop", "energie", "zorgverzekering", "water", "paspoort", "rijbewijs", "met BSN", "onbekend", "ja", "nee",
	]) == []
}

test_what_a_value_says_is_found_in_its_field if {
	counted := [{"op": "replace", "path": "/count/questions/1/by_provider/values", "value": ["x", "moslim", "1011AB"]}]
	[[one.code, one.field] | some one in judge(json.patch(agreement, counted)).findings] == [
		["answer_never_for_kind", "kinds.1"],
		["area_sweep", "count.questions.1.by_provider.values"],
		["special_category", "count.questions.1.by_provider.values"],
	]
}
