package linkage.match_test

test_nothing_is_counted_by_an_address if {
	every name in [
		"straat", "Straatnaam", "street", "adres", "huisnummer", "postcode", "postcode6", "postcode 44", "pc6", "bagid",
		"bag_id", "pandid", "pand", "pcletters", "Letters",
	] {
		faults_with("/count/questions/1/by_requester/attribute", name) == ["area_sweep"]
		faults_with("/count/questions/1/by_provider/attribute", name) == ["area_sweep"]
	}
}

test_something_is_counted_by_district if {
	every name in ["wijk", "buurt", "district", "postcode4", "Postcode 4", "pc4", "PC_4", "stadsdeel"] {
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
