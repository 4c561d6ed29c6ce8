package linkage.match

# METADATA
# description: |
#   Words in the name of an attribute that is never told and never counted by, though it is no special category: what
#   judges a person by a computed risk, and what identifies a person. Written as in special_categories.rego.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: "AVG (GDPR): art. 22 decisions by profiling, art. 4(4) profiling, art. 87 national numbers"
#   - ref: https://wetten.overheid.nl/BWBR0040940
#     description: "UAVG: art. 46, a number that the law prescribes is used only for what the law says; art. 40"
#   - ref: https://wetten.overheid.nl/BWBR0022428
#     description: "Wabb: art. 10 and 11, who may use the BSN and what for"
never_told := [
	{
		"what": "risk scores and profiles: a result is a signal for a person to look at, never a judgement of one",
		"source": "AVG art. 22, art. 4 onder 4; UAVG art. 40",
		"words": [
			`risico score profiel profile profiling |risk| |risks| riskscore risklevel riskclass riskcategor riskgroup`,
			`riskindic riskfactor |kans| |kansen| |kansop fraudekans fraudeindicat voorspel predict waarschijnlijk`,
			`probabilit likelihood propensity algorit |rating| |ranking| kredietwaardig creditrating creditworth zwartelijst`,
			`blacklist watchlist`,
		],
	},
	{
		"what": "the BSN: nodes compare it blinded, and never tell it",
		"source": "UAVG art. 46; Wabb art. 10 en 11",
		"words": [
			`bsn burgerservice citizenservicen |sofi| sofinummer sofinr sociaalfiscaal fiscaalnummer |rsin| |ssn|`,
			`socialsecurityn`,
		],
	},
	{
		"what": "other numbers that identify a person",
		"source": "UAVG art. 46; AVG art. 87; Wet BRP (administratienummer), Vreemdelingenwet 2000 (V-nummer)",
		"words": [
			`administratienummer administratienr |anummer |a|nummer |anr| |a|nr| |vnummer |v|nummer |vnr| |v|nr|`,
			`persoonsnummer persoonsidentif personalnumber onderwijsnummer |pgn| identiteitsnummer identiteitsbewijs`,
			`identiteitskaart nationalid paspoort passport rijbewijsn |crv| |vreemdelingennr|`,
		],
	},
]

# METADATA
# description: Its words, one by one.
never_told_words := split(concat(" ", [concat(" ", one.words) | some one in never_told]), " ")
