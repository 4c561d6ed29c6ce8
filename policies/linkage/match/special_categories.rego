package linkage.match

# METADATA
# description: |
#   Words in the name of an attribute that show a special category of personal data, in Dutch and English, each category
#   with its source. A word is found in every place, also inside another word (`diagnos` in hoofddiagnosecode); a bar is
#   the edge of a word, so `|ras|` is found in ras_partner and not in terras; an ordinary part of a compound is such
#   an edge too (`hivstatus`). How names are read before that is in
#   attribute_names.rego. To add a word, put it in after one blank: small letters without accents, at most 24, no blanks
#   or digits. Then try it: `linkage-node policy check`. At most ten lines a category, and ten categories: the embedded
#   engine loads no more. The values of counts are looked at too (values.rego); what a column with a harmless name
#   holds, and what a code for a value stands for, is for the privacy officer to see.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: "AVG (GDPR): art. 9 special categories, art. 10 criminal convictions and offences, art. 5 fairness"
#   - ref: https://wetten.overheid.nl/BWBR0040940
#     description: "UAVG: art. 22 forbids special categories, art. 31 criminal data, unless the law excepts"
special_categories := [
	{
		"what": "nationality",
		"source": "AVG art. 5 lid 1 onder a; Autoriteit Persoonsgegevens, onderzoek Belastingdienst/Toeslagen (2020)",
		"words": [
			`nationalit natcode |nat| |natie| staatsburger citizenship paspoortland naturalis ongedocumenteerd |illegaal|`,
			`verblijfstatus verblijfsstatus verblijfstitel verblijfsvergun verblijfsrecht verblijfsdocument residencestatus`,
			`residencepermit immigra statushouder inburger vluchteling refugee ontheemd asiel asylum vreemdeling`,
		],
	},
	{
		"what": "race or ethnic origin",
		"source": "AVG art. 9 lid 1",
		"words": [
			`etnic etnisch ethnic |ras| |rassen| raskenmerk |race| |raciaal| |racial| |afkomst| landafkomst vanafkomst`,
			`|herkomst| herkomstland herkomstgroep herkomstcode landherkomst vanherkomst |origin| countryoforigin oorsprong`,
			`bevolkingsgroep volksgroep geboorteland landgeboorte vangeboorte geboorteplaats gebland gebplaats landouder`,
			`landvanouder landvanvader landvanmoeder moederland countryofbirth birthcountry birthplace placeofbirth`,
			`afstamming ancestry migratieachtergrond migrationbackground migrant allocht autocht huidskleur huidkleur`,
			`skincolo moedertaal thuistaal mothertongue nativelanguage woonwagenbewoner zigeuner |roma| |sinti| |turk| turks`,
			`marokka surinaam antillia`,
		],
	},
	{
		"what": "political opinions",
		"source": "AVG art. 9 lid 1",
		"words": [
			`politiek political politics partijlid partijvoorkeur partijkeuze partymember stemgedrag stemvoorkeur kiesgedrag`,
			`votingbehavio activis extremis radicalis jihad demonstrant |pvv| |vvd| |pvda| |cda| |sgp| groenlinks`,
		],
	},
	{
		"what": "religious or philosophical beliefs",
		"source": "AVG art. 9 lid 1",
		"words": [
			`religi |geloof| geloofs godsdienst gezindte levensbeschouw levensovertuig kerkgenoot kerkgem kerkprovin`,
			`kerkelijk kerklid |kerk| |church| parochi |belief| |beliefs| |faith| philosophicalbelie moslim muslim islam`,
			`salafis |moskee| |mosque| |koran| |imam| |halal| |kosher| |koosjer| |sikh| ramadan hoofddoek vrijmetsel`,
			`|christen| christelijk katholiek catholic protestant hervormd gereformeerd |jood| joods |jewish| synagog`,
			`boeddhis buddhis hindoe hindu atheis humanis |sekte| |gedoopt|`,
		],
	},
	{
		"what": "trade union membership",
		"source": "AVG art. 9 lid 1",
		"words": [`vakbond vakbeweging vakvereniging vakcentrale |fnv| |cnv| tradeunion laborunion labourunion unionmember`],
	},
	{
		"what": "health",
		"source": "AVG art. 9 lid 1, art. 4 onder 15",
		"words": [
			`gezondheid health diagnos medisch medical medicat medicijn geneesmiddel aandoening chronisch |ziek| ziekte`,
			`ziekmeld ziekenhuis hospital illness disease handicap disabilit |beperking| |beperkingen| arbeidsbeperk`,
			`functiebeperk arbeidsongeschikt invaliditeit wajong |wia| |wao| lichamelijk verstandelijk zwakbegaafd lvb psych`,
			`stoornis disorder depress burnout suicid zelfmoord zelfdoding trauma schizo adhd |ptss| |ptsd| autis dementie`,
			`dementia alzheimer verslav addict alcohol drugs drankgebruik drankmisbruik middelengebruik zwanger pregnan`,
			`bevalling miskraam kraamzorg abortus abortion anticoncept patient therap revalid behandelplan hoofdbehandelaar`,
			`regiebehandelaar |epd| |dbc| allergi vaccin besmet bloedgroep bloeddruk bloodtype kanker tumor oncolog diabet`,
			`epilep |astma| |copd| |hiv| |aids| |soa| |bmi| |dsm| |icd| syndroom syndrome letsel slechtziend slechthorend`,
			`|doof| |blind| rolstoel wheelchair scootmobiel prothese doodsoorzaak overlijdensoorzaak ggz wlz |ciz|`,
			`wmoindicatie indicatiewmo zorgindicatie zorgzwaarte zorgbehoef zorgmachtiging crisisopname`,
		],
	},
	{
		"what": "sex life or sexual orientation",
		"source": "AVG art. 9 lid 1",
		"words": [
			`seksue seksuol sexue sexual seksleven sexlife geaardheid |gay| |homo| homofiel |hetero| |queer| lesbi lhbt lgbt`,
			`transgender transseks intersek genderidenti genderdysfor geslachtswijz geslachtsverander geslachtpartner`,
			`geslachtvanpartner geslachtvandepartner partnergeslacht prostitu sekswerk sexwork`,
		],
	},
	{
		"what": "genetic data",
		"source": "AVG art. 9 lid 1, art. 4 onder 13",
		"words": [`genetic genetisch erfelijk heredit genoom genome |genen| chromoso |dna|`],
	},
	{
		"what": "biometric data",
		"source": "AVG art. 9 lid 1, art. 4 onder 14",
		"words": [
			`biometr vingerafdruk vingerscan fingerprint gezichtsherken gezichtsscan facerecogn facialrecogn irisscan`,
			`stemherken voiceprint handpalm netvlies`,
		],
	},
	{
		"what": "criminal convictions and offences",
		"source": "AVG art. 10; UAVG art. 1 en 31",
		"words": [
			`straf veroord misdrijf misdrijven misdaad delict antecedent verdacht |dader| |daders| suspected gevangen gedetin`,
			`gedetineer detentie voorarrest arrestat enkelband reclassering recidiv |vog| |tbs| |pij| justitie politiecontact`,
			`politiemelding politieregist politiegegeven policerecord procesverbaal crimineel criminele criminal`,
			`criminaliteit |crime| |crimes| conviction convicted offence offense offender prison probation parole mishandel`,
			`huiselijkgeweld diefstal witwas fraud stadionverbod huisverbod`,
		],
	},
]

# METADATA
# description: Its words, one by one.
special_words := split(concat(" ", [concat(" ", one.words) | some one in special_categories]), " ")
