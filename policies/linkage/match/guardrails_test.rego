package linkage.match_test

test_attributes_are_told_by_a_kind_that_names_one_person if {
	reasons_with("/action/properties/answer", "attributes") == []
}

test_attributes_are_never_told_by_address_even_if_agreed if {
	household := {"op": "replace", "path": "/resource/properties/kind", "value": "household"}
	attributes := {"op": "replace", "path": "/action/properties/answer", "value": "attributes"}
	decide([household, attributes]).reasons == ["answer_never_for_kind"]
	decide(array.concat(as_attributes, [household])).reasons == ["answer_never_for_kind"]
}
