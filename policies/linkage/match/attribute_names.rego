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
#   the letters that they look like (`nat1onaliteit`).
compared_names(names) := lower(concat("||", ["", words, one_word, ""])) if {
	clear := clear_names(names)
	words := regex.replace(regex.replace(clear, `([a-z])([A-Z])`, "$1|$2"), `[^A-Za-z|]+`, "|")
	digits := {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t"}
	one_word := regex.replace(strings.replace_n(digits, clear), `[^A-Za-z|]+`, "")
}

# METADATA
# description: |
#   From every letter on, 24 letters: a word of a list is in a name if one of these begins with it. Cut into 24 at once
#   from each of the first 24 letters on, which is faster than letter by letter. (Cut one by one here, and put together
#   in rules: in a function the embedded engine can lose what a comprehension takes from around it.)
cut_from(compared, start) := regex.replace(substring(compared, start, -1), `(.{24})`, "$1#")

# METADATA
# description: An entry of a list is about this name, for a word of it is in the name.
says(entry, name) if {
	some line in entry.words
	some word in split(line, " ")
	contains(compared_names({name}), word)
}
