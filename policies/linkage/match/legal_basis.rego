package linkage.match

# METADATA
# description: |
#   The legal basis (grondslag) that the agreement names, from policies/catalogue/catalogue.yaml. What it does not allow
#   in so many words it forbids, and then it is no basis for any of the agreement: two organisations that may not
#   exchange by one of their kinds have signed something that the law does not know.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: "AVG (GDPR): art. 6(1) and 6(3), a task of public interest is laid down by law"
#   - ref: https://wetten.overheid.nl/BWBR0040940
#     description: "UAVG: art. 46, a number that the law prescribes is used only for what the law says"
#   - ref: https://wetten.overheid.nl/BWBR0022428
#     description: "Wabb: art. 10 and 11, who may use the BSN and what for"
basis := found if {
	found := data.catalogue.legal_bases[proposed.legal_basis.id]
	is_string(found.source)
}

# METADATA
# description: The two organisations, and where a legal basis says which kinds of organisation they can be.
sides := {"requester": "requesters", "provider": "providers"}

# METADATA
# description: What is wrong with the agreement as a whole, each with its field and its source.
# scope: document
findings contains {
	"code": "legal_basis_missing",
	"field": "legal_basis.id",
	"source": "AVG art. 6 lid 1 en 3",
	"what": "no legal basis of the catalogue is named",
} if {
	not basis_named
}

findings contains {
	"code": "legal_basis_unknown",
	"field": "legal_basis.id",
	"source": "AVG art. 6 lid 1 en 3",
	"what": "the catalogue has no such legal basis",
} if {
	basis_named
	not basis
}

findings contains {
	"code": "legal_basis_not_in_force",
	"field": "legal_basis.id",
	"source": basis_source,
	"what": "it is no law that is in force: a bill, repealed, or not known from when on",
} if {
	basis
	not basis_is_law
}

findings contains {
	"code": "legal_basis_not_for_organisation",
	"field": concat(".", [side, "kind"]),
	"source": basis_source,
	"what": concat(" ", ["the legal basis does not name this kind of organisation as a", side]),
} if {
	basis
	some side, _ in sides
	not kinds_allowed[side]
}

findings contains {
	"code": "legal_basis_not_for_identifier",
	"field": place_in("kinds", place),
	"source": basis_source,
	"what": concat(" ", ["the legal basis does not allow this identifier to the", side]),
} if {
	some place, proposed_kind in terms.kinds
	some side, _ in sides
	kinds_allowed[side]
	not kind_allowed(side, proposed_kind)
}

findings contains {
	"code": "legal_basis_not_for_identifier",
	"field": place_in("kinds", place),
	"source": source,
	"what": concat(" ", ["whatever the legal basis, the BSN is not for an organisation such as the", side]),
} if {
	some place, proposed_kind in terms.kinds
	proposed_kind in bsn_kinds
	some side, _ in sides
	kinds_allowed[side]
	not may_use_bsn(side)
	told := [text | text := data.catalogue.organisation_kinds[proposed[side].kind].source; is_string(text)]
	source := array.concat(told, ["UAVG art. 46"])[0]
}

findings contains {
	"code": "legal_basis_not_for_purpose",
	"field": "purpose_category",
	"source": basis_source,
	"what": "the legal basis does not allow this category of purposes",
} if {
	not purpose_allowed
}

findings contains {
	"code": "legal_basis_not_for_answer",
	"field": place_in("answers", place),
	"source": basis_source,
	"what": "the legal basis does not allow this answer",
} if {
	some place, proposed_answer in terms.answers
	not answer_allowed(proposed_answer)
}

findings contains {
	"code": "legal_basis_not_for_answer",
	"field": place_in("answers", place),
	"source": purpose_source,
	"what": "this category of purposes is served by other answers alone, whatever the legal basis",
} if {
	purpose_allowed
	some place, proposed_answer in terms.answers
	not answer_serves(proposed_answer)
}

# METADATA
# description: The agreement names a legal basis, whatever it is.
basis_named if {
	is_string(proposed.legal_basis.id)
	proposed.legal_basis.id != ""
}

# METADATA
# description: The legal basis is law, and no bill, nor repealed; and it is known from when until when.
basis_is_law if {
	basis.status == "in_force"
	basis_period.valid_from
}

# METADATA
# description: |
#   The first and last day of the legal basis, which the decision compares with the day of the question. A law that has
#   no end yet lasts.
# scope: document
default basis_period := {}

basis_period := {
	"valid_from": basis.valid_from,
	"valid_until": last_day,
} if {
	last_day := object.get(basis, "valid_until", "9999-12-31")
	is_day(basis.valid_from)
	is_day(last_day)
}

# METADATA
# description: The identifier kinds by which the legal basis allows one of the two organisations, being what it is.
kinds_allowed[side] := kinds if {
	some side, role in sides
	kinds := basis[role][proposed[side].kind]
}

# METADATA
# description: |
#   The legal basis allows one of the two organisations to use this identifier. (What is negated above has a rule of its
#   own: where a field is missing, `not ... in ...` would not hold, and a reason against would be lost.)
kind_allowed(side, proposed_kind) if proposed_kind in kinds_allowed[side]

# METADATA
# description: This kind of organisation may use the BSN; of one that the catalogue does not know nobody says so.
may_use_bsn(side) if data.catalogue.organisation_kinds[proposed[side].kind].bsn == true

# METADATA
# description: |
#   Why a category of purposes is served by some answers alone: what the catalogue says, or the law itself. (Never by
#   `object.get`: where the catalogue has something else than fields that is an error, and the finding would be lost.)
purpose_source := array.concat(told, ["AVG art. 5"])[0] if {
	told := [text | text := data.catalogue.purposes[proposed.purpose_category].source; is_string(text)]
}

# METADATA
# description: The legal basis allows this category of purposes.
purpose_allowed if proposed.purpose_category in basis.purposes

# METADATA
# description: The legal basis allows this answer.
answer_allowed(proposed_answer) if proposed_answer in basis.answers

# METADATA
# description: This category of purposes is served by this answer.
answer_serves(proposed_answer) if proposed_answer in data.catalogue.purposes[proposed.purpose_category].answers

# METADATA
# description: The article, in short, for whoever reads a finding.
basis_source := basis.source

# METADATA
# description: Identifier kinds that are the burgerservicenummer.
bsn_kinds := {"bsn"}
