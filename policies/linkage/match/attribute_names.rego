package linkage.match

# METADATA
# description: |
#   Every name can be read: it has letters that look like no others. A Cyrillic letter looks like a Latin one, and a
#   list that knows the one does not find the other. The node takes no other agreements; this does not rely on that.
names_are_clear(names) if clear_names(names)

# METADATA
# description: The names as one text, with two bars between names, if every name can be read.
clear_names(names) := replace(joined, "|", "||") if {
	joined := concat("|", names)
	regex.match(`^[A-Za-z][A-Za-z0-9 ._-]*(\|[A-Za-z][A-Za-z0-9 ._-]*)*$`, joined)
	count(split(joined, "|")) == count(names)
}

# METADATA
# description: |
#   What is compared, in small letters, with a bar at every edge: the names as words, which end at whatever is no
#   letter and before a capital (`landVan-herkomst 2`), and each as one word (`landvanherkomst`), with digits read as
#   the letters that they look like (`nati0naliteit`). A 1 stays, for it looks like two letters.
compared_names(names) := lower(concat("||", ["", words, one_word, ""])) if {
	clear := clear_names(names)
	words := regex.replace(regex.replace(clear, `([a-z])([A-Z])`, "$1|$2"), `[^A-Za-z|]+`, "|")
	digits := {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "9": "g"}
	one_word := regex.replace(strings.replace_n(digits, clear), `[^A-Za-z1|]+`, "")
}

# METADATA
# description: |
#   From every letter on, 24 letters: a word of a list is in a name if one of these begins with it. Cut into 24 at once
#   from each of the first 24 letters on, which is faster than letter by letter. (Cut one by one here, and put together
#   in rules: in a function the embedded engine can lose what a comprehension takes from around it.)
cut_from(compared, start) := regex.replace(substring(compared, start, -1), `(.{24})`, "$1#")

# METADATA
# description: |
#   A piece of names begins with a word of a list. A 1 in a name is read as the i or the l of the word, each by itself
#   (`nat1ona1iteit`): then i, l and 1 are all taken for one letter, in the names and in the words.
# scope: document
mentions(pieces, words) if strings.any_prefix_match(pieces, words)

mentions(pieces, words) if {
	joined := concat(" ", pieces)
	contains(joined, "1")
	strings.any_prefix_match(split(one_as_letter(joined), " "), split(one_as_letter(concat(" ", words)), " "))
}

# METADATA
# description: The text with i, l and 1 as one letter.
one_as_letter(text) := strings.replace_n({"l": "i", "1": "i"}, text)

# METADATA
# description: An entry of a list is about this name, for a word of it is in the name. A 1 is read as above.
# scope: document
says(entry, name) if {
	compared := compared_names({name})
	some line in entry.words
	some word in split(line, " ")
	contains(compared, word)
}

says(entry, name) if {
	compared := compared_names({name})
	contains(compared, "1")
	alike := one_as_letter(compared)
	some line in entry.words
	some word in split(one_as_letter(line), " ")
	contains(alike, word)
}
