package linkage.match

# METADATA
# description: |
#   What the name of an attribute says that shows a special category of personal data, in Dutch and English, each with
#   its source. Case, accents, blanks, hyphens and underscores make no difference. What stands alone is found anywhere
#   in a name (`diagnos` in hoofddiagnosecode); between `\b(` and `)\b` it has to be a word by itself (`ras` in
#   ras_partner and not in terras). The list knows names: what a column with a harmless name holds, and what its values
#   say, is for the privacy officer to see.
special_categories := [
	{
		"what": "nationality",
		"source": "AVG art. 5 lid 1 onder a; Autoriteit Persoonsgegevens, onderzoek Belastingdienst/Toeslagen (2020)",
		"names": [
			`nationalit|staatsburger|citizenship|paspoortland|statushouder|vluchteling|refugee|asiel|asylum|vreemdeling`,
			`verblijfsstatus|verblijfstitel|verblijfsvergunning|residencestatus|residencepermit`,
		],
	},
	{
		"what": "race or ethnic origin",
		"source": "AVG art. 9 lid 1",
		"names": [
			`etnic|etnisch|ethnic|landvanherkomst|herkomstland|countryoforigin|landvanafkomst|afstamming|ancestry`,
			`geboorteland|landvangeboorte|countryofbirth|birthcountry|migratieachtergrond|migrationbackground|migrant`,
			`allochto|autochto|huidskleur|skincolo|\b(ras|race|raciaal|racial|afkomst|herkomst|origin|roma|sinti)\b`,
		],
	},
	{
		"what": "political opinions",
		"source": "AVG art. 9 lid 1",
		"names": [`politiek|political|partijlid|partymember|stemgedrag|votingbehavio|\b(politics)\b`],
	},
	{
		"what": "religious or philosophical beliefs",
		"source": "AVG art. 9 lid 1",
		"names": [
			`religi|geloofs|godsdienst|levensbeschouw|levensovertuiging|kerkgenootschap|kerklid|philosophicalbelie`,
			`\b(geloof|kerk|church|moskee|mosque|belief|beliefs|faith)\b`,
		],
	},
	{
		"what": "trade union membership",
		"source": "AVG art. 9 lid 1",
		"names": [`vakbond|vakbeweging|vakvereniging|vakcentrale|tradeunion|laborunion|labourunion|unionmember`],
	},
	{
		"what": "health",
		"source": "AVG art. 9 lid 1, art. 4 onder 15",
		"names": [
			`gezondheid|health|diagnos|medisch|medical|medicat|medicijn|ziekte|ziekmeld|ziekenhuis|hospital|illness|disease`,
			`handicap|disabilit|arbeidsbeperk|arbeidsongeschikt|invaliditeit|verstandelijk|psychisch|psychiat|psycholog`,
			`patient|verslav|addict|zwanger|pregnan|dementie|dementia|autis|allergi|vaccin|bloedgroep|bloodtype`,
			`\b(ziek|beperking|beperkingen|ggz|dsm|icd|icd10|hiv|bmi|adhd)\b`,
		],
	},
	{
		"what": "sex life or sexual orientation",
		"source": "AVG art. 9 lid 1",
		"names": [`seksue|sexue|sexual|seksleven|sexlife|geaardheid|lesbi|lhbt|lgbt|transgender|genderidenti|\b(gay)\b`],
	},
	{
		"what": "genetic data",
		"source": "AVG art. 9 lid 1, art. 4 onder 13",
		"names": [`genetic|genetisch|erfelijk|heredit|genoom|genome|\b(dna)\b`],
	},
	{
		"what": "biometric data",
		"source": "AVG art. 9 lid 1, art. 4 onder 14",
		"names": [`biometr|vingerafdruk|fingerprint|gezichtsherken|facerecogn|facialrecogn|irisscan|stemherken|voiceprint`],
	},
	{
		"what": "criminal convictions and offences",
		"source": "AVG art. 10; UAVG art. 1 en 31",
		"names": [
			`strafrecht|strafblad|strafzaak|veroordel|misdrijf|misdrijven|delict|justitie|detentie|gedetineerd|gevangen`,
			`verdachte|crimineel|criminele|criminal|criminaliteit|conviction|convicted|offence|offense|prison|probation`,
			`parole|reclassering|politieregist|policerecord|recidiv|\b(vog|tbs|celstraf|crime|crimes)\b`,
		],
	},
]

# METADATA
# description: Nothing that the question tells, or breaks down by, names a special category of personal data.
# scope: document
ordinary_names if not about_attributes

ordinary_names if {
	about_attributes
	compared_names
	not special_name
}

# METADATA
# description: Values of attributes are told, or counted by. A hit has nothing to do with any.
# scope: document
about_attributes if counts

about_attributes if input.action.properties.answer == "attributes"

# METADATA
# description: |
#   The attributes that are asked for; those that the agreement opens, from the first step towards them on; and the
#   attributes that a count is broken down by.
# scope: document
names_at_stake contains name if some name in names_asked

names_at_stake contains name if {
	input.action.properties.answer == "attributes"
	some name in agreement.attributes.names
}

names_at_stake contains catalogue_question.by_requester.attribute if counts

names_at_stake contains catalogue_question.by_provider.attribute if counts

# METADATA
# description: |
#   All those names as one text, which is faster than one by one, with a bar between names: as words, and then with the
#   blanks left out. If one of them is no text there is none.
compared_names := concat("|", [words, replace(words, " ", "")]) if {
	words := regex.replace(plain_names, `[^a-z0-9|]+`, " ")
}

# METADATA
# description: |
#   The names in small letters, without accents in either way that these can be written. Other letters beyond ASCII are
#   left out. (Engines differ in the small letters of accented capitals.)
plain_names := lower(regex.replace(strings.replace_n(accents, concat("|", names_at_stake)), `[^ -~]+`, ""))

# METADATA
# description: Accented letters of Dutch, as they are without their accent.
accents := {
	"ë": "e", "é": "e", "è": "e", "Ë": "e", "É": "e", "ï": "i", "Ï": "i", "ö": "o", "ó": "o", "Ö": "o", "ü": "u",
	"Ü": "u", "á": "a",
}

# METADATA
# description: One of the names says what the list says.
special_name if {
	some category in special_categories
	some names in category.names
	regex.match(names, compared_names)
}
