"""The agreements of the story, as YAML that the organisations' privacy officers wrote together."""

from datetime import date
from typing import Any, NamedTuple

import yaml

from linkage_node.agreements.template import a_year_from
from linkage_node.demo.people import DISTRICTS
from linkage_node.demo.registers import BANK, DESK, HOMES, TEAM, TOWN, Organisation
from linkage_node.limits import COUNT_TRAPS

_PEOPLE_FOR_WHOLE_SETS = 1_500  # of the town; with fewer, the smallest sets are smaller too
_SMALLEST_SET = 100
_SMALLEST_BUCKET = 1_024  # elements that a category travels with
_LARGEST_SHARE = 0.45  # of the town, that any of the organisations knows
_BUDGET = 500_000

Terms = dict[str, Any]


class Deal(NamedTuple):
    """One agreement. `terms` are its sections `count` and `attributes`, and what else is not as by default."""

    id: str
    answers_from: Organisation
    kind: str
    answers: tuple[str, ...]
    terms: Terms


class Goal(NamedTuple):
    """One purpose, its legal basis, and the agreements that the municipality made for it."""

    purpose: str
    category: str  # of the purpose, in the catalogue
    basis: str  # legal basis, in the catalogue
    article: str
    deals: tuple[Deal, ...]

    @property
    def kind(self) -> str:
        """What people are found by."""
        return self.deals[0].kind


def _question(question_id: str, column: str, values: tuple[str, ...], *, other: bool = False) -> Terms:
    return {
        "id": question_id,
        "epsilon": 1.0,
        "every": "month",
        "by_requester": {"attribute": "wijk", "values": list(DISTRICTS)},
        "by_provider": {"attribute": column, "values": list(values), "other": other},
    }


def _count(*questions: Terms) -> Terms:
    return {
        "count": {
            "smallest_cell": 10,
            "series_days": 730,
            "questions": list(questions),
        }
    }


def _attributes(*names: str) -> Terms:
    return {"attributes": {"names": list(names), "largest": 10, "per_token": 3}, "receipts": True}


ALLOWANCE = Goal(
    "Inwoners vinden die recht hebben op energietoeslag en die niet krijgen",
    "unclaimed_benefits",
    "pw-35",
    "Participatiewet art. 35",
    (Deal("energietoeslag", DESK, "bsn", ("hit",), {}),),
)
INTAKE = Goal(
    "Aan de balie zien waar iemand al hulp krijgt",
    "intake",
    "wmo-5-1-1",
    "Wmo 2015 art. 5.1.1",
    (
        Deal("intake-kredietbank", BANK, "bsn", ("hit",), {}),
        Deal("intake-energieloket", DESK, "bsn", ("hit",), {}),
        Deal("intake-wijkteam", TEAM, "bsn", ("hit",), {}),
    ),
)
HOUSEHOLDS = Goal(
    "Huishoudens vinden waar problemen samenkomen",
    "multi_problem_households",
    "wgs-4a",
    "Wet gemeentelijke schuldhulpverlening art. 4a, 8 en 8d",
    (
        Deal("huishoudens-kredietbank", BANK, "household", ("hit",), {}),
        Deal("huishoudens-energieloket", DESK, "household", ("hit",), {}),
        Deal("huishoudens-wijkteam", TEAM, "household", ("hit",), {}),
    ),
)
STEERING = Goal(
    "Sturen op hulp per wijk",
    "steering_information",
    "wgs-2",
    "Wet gemeentelijke schuldhulpverlening art. 2",
    (
        Deal(
            "sturing-kredietbank", BANK, "bsn", ("count",),
            _count(_question("per-wijk", "soort_traject", BANK.fields[0].values[:3], other=True)),
        ),
        Deal(
            "sturing-energieloket", DESK, "bsn", ("count",),
            _count(
                _question("per-wijk", "regeling", DESK.fields[0].values),
                {"id": "alles", "epsilon": 1.0, "every": "month"},
            ),
        ),
    ),
)  # fmt: skip
TREND = Goal(
    "Volgen hoe huurachterstand zich ontwikkelt",
    "steering_information",
    "wgs-2",
    "Wet gemeentelijke schuldhulpverlening art. 2",
    (
        Deal(
            "trend-corporatie", HOMES, "household", ("count",),
            _count(_question("huurachterstand", "huurachterstand", HOMES.fields[0].values)),
        ),
    ),
)  # fmt: skip
CONTACT = Goal(
    "Hulp in een gezin op elkaar afstemmen",
    "whom_to_call",
    "wgs-4a",
    "Wet gemeentelijke schuldhulpverlening art. 4a, 8 en 8d",
    (
        Deal(
            "contact-kredietbank", BANK, "bsn", ("hit", "attributes"), _attributes("behandelaar", "telefoon")
        ),
        Deal("contact-wijkteam", TEAM, "bsn", ("hit", "attributes"), _attributes("regisseur", "telefoon")),
    ),
)
FORBIDDEN = Goal(
    "Herkomst van cliënten",
    "whom_to_call",
    "wgs-4a",
    "Wet gemeentelijke schuldhulpverlening art. 4a, 8 en 8d",
    (Deal("herkomst", TEAM, "bsn", ("hit", "attributes"), _attributes("nationaliteit")),),
)
GOALS = (ALLOWANCE, INTAKE, HOUSEHOLDS, STEERING, TREND, CONTACT)


def agreement_text(goal: Goal, deal: Deal, *, people: int, today: date) -> str:
    """The agreement in which the municipality asks, with sizes that fit a town of so many `people`."""
    terms = dict(deal.terms)
    if "count" in terms:
        terms["count"] = {**_sizes(people), **terms["count"]}
    agreed = {
        "id": deal.id,
        "version": 1,
        "purpose": goal.purpose,
        "purpose_category": goal.category,
        "legal_basis": {"id": goal.basis, "article": goal.article},
        "requester": {"oin": TOWN.oin, "name": TOWN.name, "kind": TOWN.kind},
        "provider": {
            "oin": deal.answers_from.oin,
            "name": deal.answers_from.name,
            "kind": deal.answers_from.kind,
        },
        "kinds": [deal.kind],
        "answers": list(deal.answers),
        "valid_from": today,
        "valid_until": a_year_from(today),
        "limits": {"evaluations_per_day": _BUDGET, "largest_query": _BUDGET, "result_retention_days": 30},
        **terms,
    }
    return yaml.safe_dump(agreed, allow_unicode=True, sort_keys=False)


def _sizes(people: int) -> Terms:
    """Buckets that have room for everybody, traps included; in a small town a count may be about fewer."""
    bucket = _SMALLEST_BUCKET
    while bucket < people * _LARGEST_SHARE + COUNT_TRAPS:
        bucket *= 2
    smallest = max(1, min(_SMALLEST_SET, _SMALLEST_SET * people // _PEOPLE_FOR_WHOLE_SETS))
    return {"requester_bucket": bucket, "provider_bucket": bucket, "smallest_set": smallest}
