"""How long policy takes: decisions of the embedded engine with many agreements loaded, and loading these."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from linkage_node.agreements import Agreement
from linkage_node.bench.ports import free_ports
from linkage_node.clock import now_ms
from linkage_node.initialise import NewNode, initialise
from linkage_node.node import Node
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.rego import Rego
from linkage_node.policy.source import StoredPolicy, policy_folder
from linkage_node.policy.trial import fitting

AGREEMENTS = 500
ANSWERS = ("hit", "count", "attributes")
_OWN, _PARTNER = "00000099000000010000", "00000099000000020000"
_DECISIONS = 2_000  # of each kind of answer
_PLAIN = {"plain.rego": "package plain\n\nanswer := input.asked == 1\n"}


class Timed(NamedTuple):
    """Milliseconds of one kind of decision."""

    p50: float
    p99: float
    over_plain: float  # the median, over that of a call of the engine that decides next to nothing


class Decisions(NamedTuple):
    """What policy costs with `agreements` agreements."""

    agreements: int
    load_seconds: float  # rules compiled and every agreement judged
    plain_ms: float  # median of a call of the engine that decides next to nothing
    by_answer: dict[str, Timed]


def measure_decisions(agreements: int = AGREEMENTS, decisions: int = _DECISIONS) -> Decisions:
    """Decisions of a node with so many agreements, each about the next of them, and all approved."""
    with TemporaryDirectory(prefix="linkage-bench-") as folder, _node(Path(folder)) as node:
        known = [node.agreements.add(_agreement(number)) for number in range(agreements)]
        source = StoredPolicy(policy_folder(None), node.agreements)
        started = time.perf_counter()
        engine = EmbeddedDecisionPoint(source)
        load_seconds = time.perf_counter() - started
        plain = Rego(_PLAIN, {}, "plain/answer")
        plain_ms = statistics.median(_milliseconds(lambda _: plain.answer({"asked": 1}), decisions))
        timed = {answer: _timed(engine, known, answer, decisions, plain_ms) for answer in ANSWERS}
    return Decisions(agreements, load_seconds, plain_ms, timed)


def _timed(
    engine: DecisionPoint, known: list[Agreement], answer: str, decisions: int, plain_ms: float
) -> Timed:
    now = now_ms()
    questions = [
        fitting(agreement, answer, role="provider", mode="development", moment_ms=now) for agreement in known
    ]

    def decide(number: int) -> None:
        outcome = engine.decide(questions[number % len(questions)])
        if not outcome.allow:
            raise AssertionError(f"refused: {outcome.reasons}")

    taken = sorted(_milliseconds(decide, decisions))
    middle = statistics.median(taken)
    return Timed(middle, taken[int(len(taken) * 0.99)], middle / plain_ms)


def _milliseconds(do: Callable[[int], object], times: int) -> list[float]:
    taken = []
    for number in range(times):
        started = time.perf_counter()
        do(number)
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def _node(folder: Path) -> Node:
    initialise(
        NewNode(
            folder=folder / "node",
            oin=_OWN,
            name="bench",
            listen=f"127.0.0.1:{free_ports(1)[0]}",
            address=None,
            mode="development",
            storage="sqlite:///node.db",
            sealing_key=None,
            domain_secret=folder / "domain.secret",
            certificates=folder / "dev-ca",
        )
    )
    return Node.open(folder / "node" / "node.yaml")


def _agreement(number: int) -> str:
    """An agreement that allows every answer, as long as those of practice."""
    return f"""
id: bench-{number}
purpose: bench number {number}, as long as what an officer writes down about the purpose of a question
purpose_category: intake
processing_activity: https://register.example.nl/processing-activities/bench-{number}
legal_basis: {{id: wgs-4a, article: "none: no person is in it"}}
requester: {{kind: municipality, oin: "{_OWN}", name: Bench}}
provider: {{kind: credit_bank, oin: "{_PARTNER}", name: Other bench}}
kinds: [bsn, household]
answers: [count, hit, attributes]
valid_from: 2020-01-01
valid_until: 2099-12-31
limits: {{evaluations_per_day: 20000, largest_query: 10000}}
count:
  requester_bucket: 1000
  provider_bucket: 1000
  questions:
    - id: by-district
      epsilon: 0.5
      by_requester: {{attribute: district, values: [Centre, North, South], other: true}}
      by_provider: {{attribute: stage, values: [intake, advice]}}
    - {{id: both, epsilon: 0.25}}
attributes: {{names: [counsellor, team, telephone], largest: 10}}
"""
