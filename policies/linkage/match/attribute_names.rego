package linkage.match

# METADATA
# description: |
#   Every name can be read: it has at most 64 letters that look like no others. A Cyrillic letter looks like a Latin
#   one, and a list that knows the one does not find the other. The node takes no other agreements; this does not rely
#   on that.
names_are_clear(names) if clear_names(names)

# METADATA
# description: The names as one text, with two bars between names, if every name can be read.
clear_names(names) := replace(joined, "|", "||") if {
	joined := concat("|", names)
	regex.match(`^[A-Za-z][A-Za-z0-9 ._-]{0,63}(\|[A-Za-z][A-Za-z0-9 ._-]{0,63})*$`, joined)
	count(split(joined, "|")) == count(names)
}

# METADATA
# description: |
#   What is compared, in small letters, with a bar at every edge: the names as words, which end at whatever is no
#   letter and before a capital (`landVan-herkomst 2`), and each as one word (`landvanherkomst`), with digits read as
#   the letters that they look like (`nati0naliteit`). A 1 stays, for it looks like two letters. All that once more with
#   edges where Dutch writes words together (`klant|hiv|status`).
compared_names(names) := regex.replace(told, innocent_words, "|") if {
	clear := clear_names(names)
	words := regex.replace(regex.replace(clear, `([a-z])([A-Z])`, "$1|$2"), `[^A-Za-z|]+`, "|")
	digits := {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "9": "g"}
	one_word := regex.replace(strings.replace_n(digits, clear), `[^A-Za-z1|]+`, "")
	told := with_parts(lower(concat("||", ["", words, one_word, ""])))
}

# METADATA
# description: The text, in small letters, and once more with edges around the ordinary parts of compounds.
with_parts(text) := concat("", [text, regex.replace(text, ordinary_parts, "|$1|")])

# METADATA
# description: |
#   Parts that Dutch writes together with the word that tells: `hivstatus`, `wiauitkering`, `klantbsn`, `ishomo`. A word
#   of the lists with an edge is found beside one of these too. To add a part, put it in after one blank.
ordinary_parts := concat("", ["(", replace(concat(" ", parts), " ", "|"), `|\|(is|heeft|had)`, ")"]) if {
	parts := [
		`status code nummer number clienten client klanten klant patient persoons persoon huurder bewoner burger inwoner`,
		`aanvrager partner gezins gezin kinderen lidmaatschap leden lid groep group klasse class categorie category niveau`,
		`level indicatie indicator uitkering toeslag regeling verklaring maatregel advies datum date soort type naam name`,
		`waarde value veld field gegeven data vlag flag reden positief negatief besmet verleden geschiedenis achtergrond`,
	]
}

# METADATA
# description: Words that hold the letters of a word of the lists by chance, such as `bsn`.
innocent_words := `websnel|jobsnu|jobsnaam|clubsnaam`

# METADATA
# description: |
#   A word of a list is in what is compared. A 1 in a name is read as the i or the l of the word, each by itself
#   (`nat1ona1iteit`): then i, l and 1 are all taken for one letter, in the names and in the words.
# scope: document
mentions(compared, words) if {
	some word in words
	contains(compared, word)
}

mentions(compared, words) if {
	contains(compared, "1")
	alike := one_as_letter(compared)
	some word in split(one_as_letter(concat(" ", words)), " ")
	contains(alike, word)
}

# METADATA
# description: The text with i, l and 1 as one letter.
one_as_letter(text) := strings.replace_n({"l": "i", "1": "i"}, text)
