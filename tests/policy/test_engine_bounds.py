"""The embedded engine on the largest that it is asked: it answers on any stack, or refuses before rego-cpp sees it.

rego-cpp goes some 400 bytes deeper into the C++ stack for each byte that one term of a regular expression matches; at
the stack's end the process dies. So these run in processes of their own, in threads with a stack of 256 KiB.
"""

import resource
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread, stack_size
from typing import Any

import pytest
import rfc8785

from linkage_node.agreements import Agreement
from linkage_node.agreements.model import as_data
from linkage_node.errors import InputError, Refusal
from linkage_node.limits import (
    AGREEMENT_BYTES,
    DISCLOSED_ATTRIBUTES,
    POLICY_INPUT_BYTES,
    POLICY_INPUT_DEPTH,
    POLICY_INPUT_VALUES,
    WORD_CHARACTERS,
)
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.rego import Rego
from linkage_node.policy.verdicts import findings
from tests.policy.corpus import AGREEMENTS, CATALOGUE, RULES, StaticPolicy, hash_of, question

SMALL_STACK = 256 * 1024  # bytes
COUNTS, TELLS = "example-steering-information", "example-whom-to-call"
# As agreements: a run of what is no letter, of letters, of what is quoted in JSON, of two bytes, of changing case.
FILLS = (".", "a", "1", '"', "\u00e9", "aB", "1011", ". ")
LONG_MATCH = {"long.rego": 'package long\nmatched := count(regex.replace(input.text, "[^A-Za-z]+", "|"))'}


def counting(name: Callable[[int], str], values: Callable[[int], list[str]], questions: int) -> Agreement:
    """The example of counting, with so many questions."""
    data = AGREEMENTS[COUNTS]
    catalogue = [
        {
            "id": f"q{number}",
            "epsilon": 0.01,
            "every": "year",
            "by_requester": {"attribute": name(number), "values": values(number)},
            "by_provider": {"attribute": name(number + questions), "values": ["a"]},
        }
        for number in range(questions)
    ]
    count = {**data["count"], "requester_bucket": 300, "questions": catalogue}
    return Agreement.model_validate({**data, "count": count})


def fifty(fill: str, length: int, number: int) -> list[str]:
    """The values of a question, of one length."""
    return [f"{number}.{value:02}{fill * length}"[: length - 1] + "." for value in range(50)]


def district(number: int) -> str:
    """The name of an attribute."""
    return f"wijk{number}"


def filled(fill: str) -> Agreement:
    """Eight questions with fifty values each, as long as the model takes them."""
    for length in range(WORD_CHARACTERS, 0, -1):
        try:
            return counting(district, partial(fifty, fill, length), 8)
        except ValueError:
            continue
    raise AssertionError("no length fits")


def named() -> list[Agreement]:
    """As many names as the model takes, each as long as can be: of what is counted by, and of what is told."""
    counted = counting(lambda number: f"n{number:02}".ljust(WORD_CHARACTERS, "x"), lambda _: ["a"], 50)
    tells = AGREEMENTS[TELLS]
    names = [f"n{number:02}".ljust(WORD_CHARACTERS, "x") for number in range(DISCLOSED_ATTRIBUTES)]
    return [
        counted,
        Agreement.model_validate({**tells, "attributes": {**tells["attributes"], "names": names}}),
    ]


def answer_the_largest() -> None:
    """Judge the largest agreements and decide about them, and match one term over the largest text of all."""
    agreements = [*map(filled, FILLS), *named()]
    known = {hash_of(as_data(agreement)): as_data(agreement) for agreement in agreements}
    decide = EmbeddedDecisionPoint(StaticPolicy(RULES, known))
    for agreement, content in zip(agreements, known, strict=True):
        names = agreement.attributes.names if agreement.attributes else ()
        fields: dict[str, Any] = {"attributes": names} if names else {"question": "q0"}
        outcome = decide.decide(question(TELLS if names else COUNTS, agreement_hash=content, **fields))
        assert outcome.allow is not bool(findings(RULES, CATALOGUE, known[content]))
    long = Rego(LONG_MATCH, {}, "long/matched")
    assert long.answer({"text": "", "deep": nested(POLICY_INPUT_DEPTH - 3, lists=True)}) == 0
    assert long.answer({"text": "." * (POLICY_INPUT_BYTES - len("text"))}) == 1


def in_a_small_stack() -> None:
    """The same, in a thread whose stack holds no long match."""
    stack_size(SMALL_STACK)
    faults: list[BaseException] = []

    def run() -> None:
        try:
            answer_the_largest()
        except BaseException as error:
            faults.append(error)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    if faults:
        raise faults[0]


def _limit_stack() -> None:
    resource.setrlimit(resource.RLIMIT_STACK, (1024 * 1024, resource.RLIM_INFINITY))


def test_the_largest_agreements_and_questions_are_judged_whatever_the_stack() -> None:
    """Neither a small stack of the asking thread nor one of the process ends it."""
    run = f"import {__name__} as bounds; bounds.in_a_small_stack(); print('answered')"
    ended = subprocess.run(
        [sys.executable, "-c", run],
        cwd=Path(__file__).parents[2],
        preexec_fn=_limit_stack,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "answered\n"), ended.stderr


@pytest.mark.parametrize("fill", FILLS)
def test_the_agreements_above_are_the_largest(fill: str) -> None:
    """They come near to the limit of the model, so that what is shown of them holds for all."""
    assert AGREEMENT_BYTES * 0.85 < len(rfc8785.dumps(as_data(filled(fill)))) <= AGREEMENT_BYTES


def nested(depth: int, *, lists: bool) -> Any:
    """Something within so many lists or fields."""
    inner: Any = "x"
    for _ in range(depth):
        inner = [inner] if lists else {"a": inner}
    return inner


TOO_MUCH: dict[str, Callable[[], Any]] = {
    "a text": lambda: "x" * POLICY_INPUT_BYTES,
    "a text of few letters and many bytes": lambda: "\u20ac" * (POLICY_INPUT_BYTES // 3),
    "many texts": lambda: ["x" * 1024] * (POLICY_INPUT_BYTES // 1024),
    "the name of a field": lambda: {"x" * POLICY_INPUT_BYTES: 1},
    "many values": lambda: [0] * POLICY_INPUT_VALUES,
    "many fields": lambda: {str(number): 0 for number in range(POLICY_INPUT_VALUES)},
    "lists in lists": lambda: nested(POLICY_INPUT_DEPTH, lists=True),
    "fields in fields": lambda: nested(POLICY_INPUT_DEPTH, lists=False),
    "more lists in lists than Python goes deep": lambda: nested(100_000, lists=True),
}


@pytest.mark.parametrize("make", TOO_MUCH.values(), ids=TOO_MUCH)
def test_more_than_that_does_not_reach_the_engine(make: Callable[[], Any]) -> None:
    """Texts, numbers of values and depth beyond any question and agreement are refused, and not looked at further."""
    rego = Rego(LONG_MATCH, {}, "long/matched")
    with pytest.raises(Refusal) as refused:
        rego.answer({"text": make()})
    assert refused.value.code == "malformed"
    assert rego.answer({"text": "..."}) == 1  # and the next one is answered


@pytest.mark.parametrize(
    ("questions", "length", "told"),
    [(20, 8, "1020 values in all questions together"), (10, 64, "bytes, more than 32768")],
)
def test_an_agreement_that_is_larger_is_none(questions: int, length: int, told: str) -> None:
    """Too many values, or too long ones; fifty for each question, and one on the other side."""
    with pytest.raises(ValueError, match=told):
        counting(district, partial(fifty, "x", length), questions)


def test_an_agreement_that_the_engine_does_not_take_is_told_as_a_fault() -> None:
    """Data that no model looked at, such as of an officer's own tool, ends in a message."""
    data = {**AGREEMENTS[TELLS], "purpose": "x" * POLICY_INPUT_BYTES}
    with pytest.raises(InputError) as refused:
        findings(RULES, CATALOGUE, data)
    assert refused.value.code == "policy_invalid"
