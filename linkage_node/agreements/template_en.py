"""The words of a new agreement in English; `template_nl` says the same in Dutch."""

ARTICLE = "TO FILL IN: the article of law that allows this"

AGREEMENT = """\
# An agreement between two organisations. Both add exactly the same file, with `linkage-node agreements add FILE`;
# an agreement with one other word is another agreement. What stands after `# default:` may be left as it is.
id: {id}
version: 1
purpose: {purpose}
# The processing activity in the register of art. 30 AVG, as a URI:
# processing_activity: https://register.example.nl/processing-activities/...
legal_basis:
  article: {article}
requester: # asks
  oin: {requester_oin}
  name: {requester_name}
provider: # answers, from its register
  oin: {provider_oin}
  name: {provider_name}
kinds: {kinds} # what people are found by: bsn, household (an address)
answers: {answers} # what is told: count < hit < attributes
valid_from: {valid_from} # from 00:00 UTC
valid_until: {valid_until} # the last day, until 24:00 UTC
limits:
  evaluations_per_day: {evaluations_per_day} # elements that may be asked about in one day (UTC)
  largest_query: {largest_query} # elements in one query
  result_retention_days: 30 # default: that the requester keeps results
# epoch_days: 28 # default: after so many days keys are new and old ones destroyed
# tag_set: # how the provider's tag set travels; its size tells the requester the provider's size to within a bucket
#   bucket: 4096 # default: the set is padded to a multiple of so many entries
#   changes: 256 # default: each delta adds and removes so many entries, whatever changed
#   every_hours: 24 # default: hours between two deltas
# proof: false # default: evaluations come without a proof that the right key was used
# receipts: false # default: with true the requester reports its hits, so that the provider can tell its client
"""

COUNT = """\
# What may be counted: how many clients both have. Needs `count` among the answers. The provider learns the exact
# numbers, the requester numbers with noise. Each question costs epsilon, of what the provider's register may tell in a
# year (`count.epsilon_per_year` in its node.yaml); asked again in the same period it gets the same answer, for nothing.
count:
  # Every category travels with so many elements, people and padding, so that no size is shown. Choose 1,000 or
  # more, and more than the largest category will have in the agreement's days: if it does not fit, the question is
  # refused (category_full).
  requester_bucket: {requester_bucket} # times the categories in by_requester: at most largest_query
  provider_bucket: {provider_bucket} # 50 of them are hidden test elements
  smallest_set: 100 # default: persons that each organisation has in it at the least
  smallest_cell: 10 # default: a smaller number, after noise, is not told
  series_days: 730 # how long numbers of a question that repeats are kept
  questions:
    - id: both
      title: Clients of both organisations
      epsilon: 0.5 # 95 of 100 answers are within 6 of the truth; with 1.0 within 3, with 0.1 within 30
      every: month # day, week, month, quarter or year (UTC): one answer in each
      # A table has a row for each of the requester's values and a column for each of the provider's:
      # by_requester:
      #   attribute: district # an attribute that the requester loads into its register
      #   values: [Centre, North, South]
      #   other: true # a category for everybody else; left out, they are not counted
      # by_provider:
      #   attribute: stage
      #   values: [intake, advice]
"""

ATTRIBUTES = """\
# What may be told of a shared client, in a case, and nothing else. Needs `attributes` among the answers. The provider
# records every disclosure: of whom, what, when, for which case. Consider `receipts: true` above.
attributes:
  names: [contact, telephone] # attributes that the provider loads into its register; no special categories (AVG 9, 10)
  largest: {largest_disclosure} # persons in one question: one with more hits is refused before anything is told
  per_token: 3 # default: times for one person in one epoch
"""
