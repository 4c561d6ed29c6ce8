package linkage.match

# METADATA
# description: |
#   Bounds of counts that no agreement can lift, for a node in production: with less, a count tells of one person what
#   only a hit may. Of fewer persons than this `linkage-node agreements add` warned before (linkage_node/limits.py,
#   COUNT_SMALLEST_SET_ADVISED and COUNT_SMALLEST_CELL_ADVISED); the defaults of agreements are 100 and 10. An epsilon
#   of 2 is the largest in the table of docs/functionaris.md: a suspicion about one person gets 7.39 times as strong at
#   the most. In development, where people are invented, towns are small.
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: "AVG (GDPR): art. 25 protection by design, art. 89 statistics do not point at persons, recital 26"
count_bounds := {"smallest_set": 20, "smallest_cell": 5, "epsilon": 2}

# METADATA
# description: The law on it.
count_source := "AVG art. 25 lid 1 en art. 89 lid 1"

# METADATA
# description: An agreement whose counts may be about too few persons.
restrictions contains {
	"code": "count_unprotected",
	"field": concat(".", ["count", name]),
	"source": count_source,
	"what": concat(" ", ["whatever is agreed, in production at least", least]),
} if {
	is_object(proposed.count)
	some name in ["smallest_set", "smallest_cell"]
	least := format_int(count_bounds[name], 10)
	not large_enough(name)
}

# METADATA
# description: A question whose answers have too little noise.
restrictions contains {
	"code": "count_unprotected",
	"field": concat(".", [place_in("count.questions", place), "epsilon"]),
	"source": count_source,
	"what": concat(" ", ["whatever is agreed, in production at most", most]),
} if {
	some place, question in proposed.count.questions
	not noisy_enough(question)
	most := format_int(count_bounds.epsilon, 10)
}

# METADATA
# description: The agreement asks for so many persons; what is no number asks for none.
large_enough(name) if {
	whole_number(proposed.count[name])
	proposed.count[name] >= count_bounds[name]
}

# METADATA
# description: The answer has so much noise.
noisy_enough(question) if {
	is_number(question.epsilon)
	question.epsilon > 0
	question.epsilon <= count_bounds.epsilon
}

# METADATA
# description: |
#   The ids of the questions that may be counted, by the mode of the node that decides: all of them in development, and
#   in production those whose answers protect persons enough.
questions_of_mode := {"development": every_question, "production": protected_questions}

# METADATA
# description: The ids of all questions of the agreement.
every_question := [one.id | some one in proposed.count.questions; is_string(one.id)]

# METADATA
# description: Of those that stay within the bounds.
protected_questions := [one.id |
	large_enough("smallest_set")
	large_enough("smallest_cell")
	some one in proposed.count.questions
	is_string(one.id)
	noisy_enough(one)
]
