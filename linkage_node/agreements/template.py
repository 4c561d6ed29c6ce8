"""A new agreement as commented YAML, ready for two privacy officers to complete."""

import json
from datetime import date, timedelta
from typing import Any, NamedTuple

from linkage_node.agreements.model import parse_agreement

_BUCKET = 10_000  # persons of one category, unless other numbers are given
_DISCLOSED = 10  # persons whose attributes are asked for in one question
ARTICLE_TO_FILL_IN = "TO FILL IN: the article of law that allows this"


class Proposal(NamedTuple):
    """What a new agreement is made from; checked by the agreement's own model."""

    id: str
    purpose: str
    requester_oin: str
    requester_name: str
    provider_oin: str
    provider_name: str
    kinds: tuple[str, ...]
    answers: tuple[str, ...]
    valid_from: date
    valid_until: date
    evaluations_per_day: int
    largest_query: int
    requester_bucket: int | None = None  # None: as many as `bucket_for` says
    provider_bucket: int | None = None


def bucket_for(proposal: Proposal) -> int:
    """The room of a category that fits in the limits: of the largest of them, or less if they allow less."""
    return min(_BUCKET, proposal.largest_query, proposal.evaluations_per_day)


def a_year_from(first: date) -> date:
    """The last day of the year (365 days) that starts at `first`."""
    return first + timedelta(days=364)


def agreement_text(proposal: Proposal) -> str:
    """The YAML text; InputError if the proposal would make no valid agreement."""
    bucket = bucket_for(proposal)
    values = {
        **proposal._asdict(),
        "requester_bucket": proposal.requester_bucket or bucket,
        "provider_bucket": proposal.provider_bucket or bucket,
        "largest_disclosure": min(_DISCLOSED, proposal.largest_query, proposal.evaluations_per_day),
        "article": ARTICLE_TO_FILL_IN,
    }
    sections = (_section(_SECTIONS[name], agreed=name in proposal.answers) for name in _SECTIONS)
    text = (_TEMPLATE + "".join(sections)).format(**{name: _yaml(value) for name, value in values.items()})
    parse_agreement(text, "the new agreement")
    return text


def _section(text: str, *, agreed: bool) -> str:
    """A section of the answers; as comments if its answer is not agreed."""
    lines = text.splitlines(keepends=True)
    return text if agreed else "".join(line if line.startswith("#") else f"# {line}" for line in lines)


def _yaml(value: Any) -> str:
    """One YAML value on one line; text in quotes, as JSON writes it."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


_TEMPLATE = """\
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

_COUNT = """\
# What may be counted: how many clients both have. Needs `count` among the answers. The provider learns the exact
# numbers, the requester numbers with noise. Each question costs epsilon, of what the provider's register may tell in a
# year (`count.epsilon_per_year` in its node.yaml); asked again in the same period it gets the same answer, for nothing.
count:
  # Every category travels with so many elements, people and padding, so that no size is shown. Choose more than the
  # largest category will have in the agreement's days: if it does not fit, the question is refused (category_full).
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

_ATTRIBUTES = """\
# What may be told of a shared client, in a case, and nothing else. Needs `attributes` among the answers. The provider
# records every disclosure: of whom, what, when, for which case. Consider `receipts: true` above.
attributes:
  names: [contact, telephone] # attributes that the provider loads into its register; no special categories (AVG 9, 10)
  largest: {largest_disclosure} # persons in one question: one with more hits is refused before anything is told
  per_token: 3 # default: times for one person in one epoch
"""

_SECTIONS = {"count": _COUNT, "attributes": _ATTRIBUTES}
