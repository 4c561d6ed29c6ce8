"""A new agreement as commented YAML, ready for two privacy officers to complete."""

import json
from datetime import date, timedelta
from typing import Any, NamedTuple

from linkage_node.agreements.model import parse_agreement

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


def a_year_from(first: date) -> date:
    """The last day of the year (365 days) that starts at `first`."""
    return first + timedelta(days=364)


def agreement_text(proposal: Proposal) -> str:
    """The YAML text; InputError if the proposal would make no valid agreement."""
    text = _TEMPLATE.format(
        **{name: _yaml(value) for name, value in proposal._asdict().items()},
        article=_yaml(ARTICLE_TO_FILL_IN),
    )
    parse_agreement(text, "the new agreement")
    return text


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
answers: {answers} # what is told: only hit is answered now
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
# receipts: false # default: the requester does not report its hits; true is refused now
"""
