"""What an agreement says of counts and attributes: what it accepts, and what an officer is told of a mistake."""

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from linkage_node.agreements import Agreement, content_hash, parse_agreement
from linkage_node.agreements.periods import TIMES_A_YEAR, period_of
from linkage_node.errors import InputError
from tests.agreements.test_agreement_model import MINIMAL

EXAMPLES = {
    file.parent.name: file
    for file in (Path(__file__).parents[2] / "policies" / "agreements").glob("*/agreement.yaml")
}
LADDER: dict[str, Any] = {
    **MINIMAL,
    "answers": ["count", "hit", "attributes"],
    "limits": {"evaluations_per_day": 10_000, "largest_query": 5_000},
    "count": {
        "requester_bucket": 1_000,
        "provider_bucket": 1_000,
        "questions": [
            {"id": "both", "epsilon": 0.5},
            {
                "id": "by-district",
                "epsilon": 0.25,
                "every": "quarter",
                "by_requester": {"attribute": "district", "values": ["North", "South"], "other": True},
                "by_provider": {"attribute": "stage", "values": ["intake", "advice"]},
            },
        ],
    },
    "attributes": {"names": ["team", "telephone"]},
}


def ladder(path: str = "", value: Any = None) -> Agreement:
    """An agreement with all three answers, one of its fields (`count.questions.1.epsilon`) changed; None drops it."""
    return parse_agreement(yaml.safe_dump(changed(path, value), sort_keys=False))


def changed(path: str, value: Any) -> dict[str, Any]:
    """The data of that agreement."""
    data = deepcopy(LADDER)
    if path:
        *parents, last = path.split(".")
        inside: Any = data
        for parent in parents:
            inside = inside[int(parent) if isinstance(inside, list) else parent]
        key: Any = int(last) if isinstance(inside, list) else last
        if value is None:
            del inside[key]
        else:
            inside[key] = value
    return data


def test_an_agreement_of_the_whole_ladder_gets_sensible_defaults() -> None:
    """Nothing below 100 persons, no number below 10, 50 persons in a question, 3 times for one person."""
    made = ladder()
    assert made.count
    assert made.attributes
    assert (made.count.smallest_set, made.count.smallest_cell, made.count.series_days) == (100, 10, None)
    assert (made.attributes.largest, made.attributes.per_token) == (50, 3)
    terms, question = made.question("by-district")
    assert (question.groups, question.categories) == (("North", "South", "other"), ("intake", "advice"))
    assert terms.asked(question) == 3_000


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_an_agreement(name: str) -> None:
    """What is shipped can be added, and is called as its folder."""
    assert parse_agreement(EXAMPLES[name].read_text()).id == name


def test_there_is_an_example_of_every_answer() -> None:
    """Unclaimed benefits, steering information, households, whom to call."""
    made = [parse_agreement(file.read_text()) for file in EXAMPLES.values()]
    assert {frozenset(one.answers) for one in made} == {
        frozenset(answers) for answers in (["hit"], ["count"], ["count", "hit"], ["hit", "attributes"])
    }
    assert all(one.receipts for one in made if one.attributes)
    assert all("household" not in one.kinds for one in made if one.attributes)


# path of the field, its value, and what is told: where, and in which words
MISTAKES: dict[str, tuple[str, Any, str, str]] = {
    "no section for a count": ("count", None, "answers", "`count` needs a section `count:`"),
    "no section for attributes": (
        "attributes",
        None,
        "answers",
        "`attributes` needs a section `attributes:`",
    ),
    "counts not among the answers": (
        "answers",
        ["hit", "attributes"],
        "count",
        "this section needs `count` among the answers",
    ),
    "attributes not among the answers": (
        "answers",
        ["hit", "count"],
        "attributes",
        "this section needs `attributes` among the answers",
    ),
    "no epsilon": ("count.questions.0.epsilon", None, "count.questions.0.epsilon", "Field required"),
    "epsilon as text": (
        "count.questions.0.epsilon",
        "0.5",
        "count.questions.0.epsilon",
        "expected a number such as 0.5, with a point and without quotes",
    ),
    "epsilon with a comma": (
        "count.questions.0.epsilon",
        "0,5",
        "count.questions.0.epsilon",
        "expected a number such as 0.5, with a point and without quotes",
    ),
    "epsilon is yes": (
        "count.questions.0.epsilon",
        True,
        "count.questions.0.epsilon",
        "expected a number such as 0.5, with a point and without quotes",
    ),
    "epsilon zero": (
        "count.questions.0.epsilon",
        0,
        "count.questions.0.epsilon",
        "greater than or equal to 0.001",
    ),
    "epsilon without end": (
        "count.questions.0.epsilon",
        float("inf"),
        "count.questions.0.epsilon",
        "finite number",
    ),
    "epsilon is no number": (
        "count.questions.0.epsilon",
        float("nan"),
        "count.questions.0.epsilon",
        "finite number",
    ),
    "every fortnight": (
        "count.questions.0.every",
        "fortnight",
        "count.questions.0.every",
        "expected: day, week",
    ),
    "a question twice": (
        "count.questions.1",
        {"id": "again", "epsilon": 0.5},
        "count.questions.1",
        "both and again ask the same; each would cost epsilon, and two answers tell more",
    ),
    "a question twice, values in another order": (
        "count.questions.0",
        {
            **LADDER["count"]["questions"][1],
            "id": "first",
            "by_requester": {"attribute": "district", "values": ["South", "North"], "other": True},
        },
        "count.questions.1",
        "first and by-district ask the same",
    ),
    "two questions of one name": (
        "count.questions.1.id",
        "both",
        "count.questions.1.id",
        "two questions are called both",
    ),
    "no questions": ("count.questions", [], "count.questions", "at least 1 item"),
    "a value twice": (
        "count.questions.1.by_provider.values",
        ["intake", "intake"],
        "count.questions.1.by_provider.values",
        "'intake' stands twice",
    ),
    "a value that YAML reads as no": (
        "count.questions.1.by_provider.values",
        ["ZW", False],
        "count.questions.1.by_provider.values.1",
        "YAML reads this as False; put it in quotes",
    ),
    "a value that is a number": (
        "count.questions.1.by_provider.values",
        [1012],
        "count.questions.1.by_provider.values.0",
        "YAML reads this as 1012; put it in quotes",
    ),
    "a value called other": (
        "count.questions.1.by_requester.values",
        ["North", "other"],
        "count.questions.1.by_requester",
        "`other` is the name of the category for everybody else",
    ),
    "a table too large": (
        "count.questions.1",
        {
            "id": "large",
            "epsilon": 1,
            "by_requester": {"attribute": "a", "values": [f"a{number}" for number in range(21)]},
            "by_provider": {"attribute": "b", "values": [f"b{number}" for number in range(20)]},
        },
        "count.questions.1",
        "a table has at most 400 cells",
    ),
    "bucket without room for the traps": (
        "count.provider_bucket",
        50,
        "count.provider_bucket",
        "greater than 50",
    ),
    "bucket too small for the smallest set": (
        "count.requester_bucket",
        99,
        "count.requester_bucket",
        "both has room for 99 persons, so never for smallest_set (100)",
    ),
    "provider's bucket too small for the smallest set": (
        "count.provider_bucket",
        149,
        "count.provider_bucket",
        "both has room for 99 persons, so never for smallest_set (100)",
    ),
    "bucket too small for the smallest cell": (
        "count.smallest_cell",
        951,
        "count.provider_bucket",
        "a category has room for 950 persons, so never for smallest_cell (951)",
    ),
    "bucket too large for the limits": (
        "count.requester_bucket",
        2_000,
        "count.questions.1",
        "by-district sends 6000 elements, requester_bucket for each of its 3 categories, and 5000 is the least of",
    ),
    "bucket larger than a day": (
        "limits.evaluations_per_day",
        2_999,
        "count.questions.1",
        "and 2999 is the least of `limits`",
    ),
    "buckets larger than a node": (
        "count.provider_bucket",
        2_000_001,
        "count.questions.1",
        "by-district: more than 4000000 elements; take smaller buckets",
    ),
    "series for ever": ("count.series_days", 3_661, "count.series_days", "less than or equal to 3660"),
    "no names": ("attributes.names", [], "attributes.names", "at least 1 item"),
    "a name twice": ("attributes.names", ["team", "team"], "attributes.names", "'team' stands twice"),
    "a name that is a number": ("attributes.names", [7], "attributes.names.0", "YAML reads this as 7"),
    "a name with a space at its end": ("attributes.names", ["team "], "attributes.names.0", "no space last"),
    "a name with a letter that looks like another": (
        "attributes.names",
        ["team", "n\u0430tionaliteit"],
        "attributes.names.1",
        "an attribute's name has plain letters (without accents)",
    ),
    "a breakdown by a name with an accent": (
        "count.questions.1.by_provider.attribute",
        "diâgnose",
        "count.questions.1.by_provider.attribute",
        "an attribute's name has plain letters (without accents)",
    ),
    "a name that is too long": ("attributes.names", ["a" * 65], "attributes.names.0", "at most 64"),
    "a name that begins with a digit": ("attributes.names", ["1a"], "attributes.names.0", "a letter first"),
    "a value of two lines": (
        "count.questions.1.by_provider.values",
        ["in\ntake"],
        "count.questions.1.by_provider.values.0",
        "expected: the values",
    ),
    "nobody in a question": (
        "attributes.largest",
        0,
        "attributes.largest",
        "greater than or equal to 1",
    ),
    "more persons than a query": (
        "limits.largest_query",
        49,
        "count.questions.0",
        "and 49 is the least of `limits`",
    ),
    "more persons than fit in a disclosure": (
        "attributes.largest",
        1_001,
        "attributes.largest",
        "less than or equal to 1000",
    ),
    "no times for one person": (
        "attributes.per_token",
        0,
        "attributes.per_token",
        "greater than or equal to 1",
    ),
    "a word misspelt": (
        "attributes.name",
        ["team"],
        "attributes.name",
        "unknown field; did you mean `names`?",
    ),
}


@pytest.mark.parametrize(("path", "value", "where", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_field_and_line(path: str, value: Any, where: str, words: str) -> None:
    """Which field, on which line of the file, and what is wrong with it in words."""
    text = yaml.safe_dump(changed(path, value), sort_keys=False)
    with pytest.raises(InputError) as refused:
        parse_agreement(text)
    told = refused.value.detail
    (line,) = [one for one in told.splitlines() if f": {where}: " in one]
    assert words in line
    assert line.startswith(f"agreement.yaml:{_line_of(text, where)}:")


def _line_of(text: str, where: str) -> int:
    """The line of a field, from 1; of one that is missing, that of the section that should have it."""
    node: Any = yaml.compose(text)
    line: int = 1
    for part in where.split("."):
        if isinstance(node, yaml.MappingNode):
            found = [(key, inside) for key, inside in node.value if key.value == part]
            if not found:
                return line
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        else:
            node = node.value[int(part)]
            line = node.start_mark.line + 1
    return line


def test_more_persons_than_the_limits_allow_is_told_at_the_attributes() -> None:
    """Without counts, the section that asks for too much is named."""
    data = {**MINIMAL, "answers": ["hit", "attributes"], "attributes": {"names": ["team"], "largest": 101}}
    with pytest.raises(InputError, match=r"attributes\.largest: more than 100, the least of `limits`"):
        parse_agreement(yaml.safe_dump(data))


@pytest.mark.parametrize("name", ["a", "a" * 64, "Team-2", "desk.north_1 of us"])
def test_names_of_plain_letters_are_taken(name: str) -> None:
    """Letters, digits, spaces, points, hyphens and underscores; values may be any text."""
    assert ladder("attributes.names", [name]).attributes
    assert ladder("count.questions.1.by_provider.values", ["één", "1 tot 3", "н"]).count


TERMS: dict[str, Any] = {
    "answers": ["hit", "count", "attributes"],
    "count.requester_bucket": 1_001,
    "count.provider_bucket": 1_001,
    "count.smallest_set": 101,
    "count.smallest_cell": 11,
    "count.series_days": 30,
    "count.questions.0.id": "shared",
    "count.questions.0.title": "Both",
    "count.questions.0.epsilon": 0.6,
    "count.questions.0.every": "year",
    "count.questions.1.by_requester.attribute": "area",
    "count.questions.1.by_requester.values": ["South", "North"],
    "count.questions.1.by_requester.other": False,
    "count.questions.1.by_provider": None,
    "attributes.names": ["team"],
    "attributes.largest": 51,
    "attributes.per_token": 4,
}


def test_every_term_is_in_the_hash() -> None:
    """Another word in the catalogue, or another name, is another agreement."""
    hashes = {content_hash(ladder(path, value)) for path, value in TERMS.items()}
    assert len(hashes | {content_hash(ladder())}) == len(TERMS) + 1


def test_a_year_of_asking_is_added_up() -> None:
    """Every question as often as it can be asked, by every kind: 12 x 0.5 and 4 x 0.25, for two kinds twice that."""
    assert ladder().epsilon_per_year == 7.0
    assert ladder("kinds", ["bsn", "household"]).epsilon_per_year == 14.0
    assert ladder("count.questions.1.every", "day").epsilon_per_year == 6 + 366 * 0.25
    assert parse_agreement(yaml.safe_dump(MINIMAL)).epsilon_per_year == 0


def test_no_year_has_more_periods_than_are_paid_for() -> None:
    """Counted over all days of thirty years, in which a leap year begins on every day of the week."""
    days = [date(2000, 1, 1) + timedelta(days=number) for number in range(366 * 30)]
    for every, times in TIMES_A_YEAR.items():
        periods: dict[int, set[str]] = {}
        for day in days:
            noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * 1000
            periods.setdefault(day.year, set()).add(period_of(every, noon))
        assert max(map(len, periods.values())) == times
