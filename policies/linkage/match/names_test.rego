package linkage.match_test

test_no_category_is_as_small_as_a_street if {
	every value in ["1234AB", "1234 ab", " 9999ZZ "] {
		faults_with("/count/questions/1/by_requester/values", ["North", value]) == ["area_sweep"]
		faults_with("/count/questions/1/by_provider/values", ["North", value]) == ["area_sweep"]
	}
	every name in ["straat", "Straatnaam", "street", "adres", "huisnummer"] {
		faults_with("/count/questions/1/by_requester/attribute", name) == ["area_sweep"]
		faults_with("/count/questions/1/by_provider/attribute", name) == ["area_sweep"]
	}
}

test_districts_are_not_small if {
	faults_with("/count/questions/1/by_provider/values", ["1234", "0123AB", "Straat", 7]) == []
	every name in ["wijk", "buurt", "district", "postcode", "postcode4"] {
		faults_with("/count/questions/1/by_provider/attribute", name) == []
	}
}

test_an_address_can_be_told_in_a_case if {
	reasons_against_name("straat") == []
}

test_names_in_something_else_than_a_list_are_looked_at if {
	faults_with("/attributes/names", {"first": "ras"}) == ["special_category"]
	faults_with("/count/questions", {"first": {"id": "a", "by_provider": {"attribute": "ras"}}}) == ["special_category"]
}
