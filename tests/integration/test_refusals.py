"""Questions that policy refuses, at the requester or at the provider, and how the command line tells it."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from linkage_node.node import Node
from linkage_node.policy.source import policy_folder
from linkage_node.reasons import explain
from tests.integration.world import AGREEMENT, LiveNode, Ran, agree, agreement_text, hits_in, make_pair
from tests.nodes import OIN_B, OIN_C, edit
from tests.opa_server import OpaServer
from tests.registers import test_bsns as numbers_for_tests
from tests.signed import sign_for_both

PEOPLE = numbers_for_tests()[:40]
TODAY = datetime.now(UTC).date()
# A requester that breaks the rules: its own policy allows everything, so that it is the provider that must refuse.
LAX_POLICY = """\
package linkage.match

default decision := {"allow": false, "reasons": ["policy_denied"], "obligations": {}, "revision": "lax"}

decision := {
	"allow": true,
	"reasons": [],
	"obligations": {
		"evaluations_per_day": 1000000, "largest_query": 1000000, "result_retention_days": 3660,
		"kinds": ["bsn", "household"], "answers": ["hit"], "proof": false, "receipts": false,
	},
	"revision": "lax",
} if input.action
"""


class Scene(NamedTuple):
    """A requester that keeps the rules, one that does not, and a provider that runs."""

    fair: LiveNode
    lax: LiveNode
    provider: LiveNode

    def agree(self, agreement_id: str, **changes: Any) -> None:
        """All three add an agreement."""
        agree(*self, id=agreement_id, **changes)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Registers of forty people, the same at both."""
    folder = tmp_path_factory.mktemp("refusals")
    fair, provider = make_pair(folder)
    for node in (fair, provider):
        node.load((f"{at}", person) for at, person in enumerate(PEOPLE))
    shutil.copytree(fair.folder, folder / "lax")
    rules = folder / "lax" / "rules" / "linkage" / "match"
    rules.mkdir(parents=True)
    (rules / "decision.rego").write_text(LAX_POLICY)
    shutil.copytree(policy_folder(None) / "catalogue", folder / "lax" / "rules" / "catalogue")
    lax = LiveNode(folder / "lax" / "node.yaml")
    edit(lax.config, "# path: policies  ", "path: rules  ")
    provider.start()
    try:
        yield Scene(fair, lax, provider)
    finally:
        provider.kill()


def assert_refused(ran: Ran, code: str, output: Path) -> None:
    """Exit code 4, the reason's code and words on stderr, what to do, and no result."""
    assert ran.code == 4, ran
    assert code in ran.err
    assert explain(code).meaning in ran.words
    assert "What to do" in ran.err
    assert not output.exists()
    assert ran.json["error"] == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--purpose", "Something else"), "purpose_not_agreed"),
        (("--kind", "household"), "kind_not_agreed"),
        (("--answer", "count"), "answer_not_agreed"),
        (("--answer", "attributes"), "answer_not_agreed"),
        (("--provider", OIN_C), "provider_not_in_agreement"),
    ],
)
def test_outside_the_agreement(scene: Scene, tmp_path: Path, options: tuple[str, str], code: str) -> None:
    """Another purpose, kind, answer or provider than agreed is refused by the requester's own node."""
    if code == "kind_not_agreed":
        persons = tmp_path / "persons.csv"
        persons.write_text("record_ref;postcode;house_number\n1;1234AB;1\n")
        options = (*options, "--persons", str(persons))  # type: ignore[assignment]
    before = scene.provider.budget()
    assert_refused(scene.fair.match(tmp_path / "out.csv", *options), code, tmp_path / "out.csv")
    assert scene.provider.budget() == before


def test_an_unknown_agreement(scene: Scene, tmp_path: Path) -> None:
    """An agreement that nobody added is refused by name."""
    ran = scene.fair.match(tmp_path / "out.csv", agreement="never-made")
    assert_refused(ran, "agreement_not_here", tmp_path / "out.csv")


LIMITS = {"evaluations_per_day": 1000, "largest_query": 1000}
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("too-large", "query_too_large", {"limits": LIMITS | {"largest_query": len(PEOPLE) - 1}}),
    ("no-budget", "budget_exhausted", {"limits": LIMITS | {"evaluations_per_day": len(PEOPLE) - 1}}),
    (
        "future",
        "agreement_not_yet_valid",
        {"valid_from": TODAY + timedelta(days=2), "valid_until": TODAY + timedelta(days=9)},
    ),
    (
        "past",
        "agreement_expired",
        {"valid_from": TODAY - timedelta(days=9), "valid_until": TODAY - timedelta(days=2)},
    ),
]


@pytest.mark.parametrize(("agreement", "code", "changes"), CASES, ids=[case[0] for case in CASES])
def test_beyond_size_budget_and_dates(
    scene: Scene, tmp_path: Path, agreement: str, code: str, changes: dict[str, Any]
) -> None:
    """A question too large, beyond the day's budget, or outside the dates: refused, and not a thing is charged."""
    scene.agree(agreement, **changes)
    before = scene.provider.budget()
    for requester in (scene.fair, scene.lax):
        assert_refused(requester.match(tmp_path / "out.csv", agreement=agreement), code, tmp_path / "out.csv")
    assert scene.provider.budget() == before


def test_the_provider_judges_for_itself(scene: Scene, tmp_path: Path) -> None:
    """A requester whose own policy allows everything meets the provider's: refused, in the evidence of both."""
    scene.agree("judged-twice", limits=LIMITS | {"largest_query": 3})
    ran = scene.lax.match(tmp_path / "out.csv", agreement="judged-twice")
    assert_refused(ran, "query_too_large", tmp_path / "out.csv")
    own = [record for record in scene.lax.evidence() if record["event"] == "not_answered"][-1]
    theirs = [record for record in scene.provider.evidence() if record["event"] == "refused"][-1]
    assert own["transaction_id"] == theirs["transaction_id"]
    assert own["reasons"] == theirs["reasons"] == ["query_too_large"]
    assert theirs["charged"] == 0


def test_a_laxer_requester_is_held_to_the_stricter_obligations(scene: Scene, tmp_path: Path) -> None:
    """Of the two nodes' obligations the stricter hold: results expire when the agreement says."""
    ran = scene.lax.match(tmp_path / "out.csv")
    assert ran.code == 0, ran
    assert len(hits_in(tmp_path / "out.csv")) == len(PEOPLE)
    (row,) = scene.lax.rows("SELECT results_expire_at - created_at FROM query WHERE state = 'done'")
    assert 29 < row[0] / 86_400_000 < 31


def test_an_agreement_only_one_side_has(scene: Scene, tmp_path: Path) -> None:
    """What the provider did not add, or took away again, it does not answer."""
    file = tmp_path / "only.yaml"
    file.write_text(agreement_text(id="only-here"))
    scene.fair.did("agreements", "add", file)
    with Node.open(scene.fair.config) as node:
        sign_for_both(node)
    assert_refused(
        scene.fair.match(tmp_path / "out.csv", agreement="only-here"),
        "agreement_unknown",
        tmp_path / "out.csv",
    )
    scene.provider.did("agreements", "add", file)
    with Node.open(scene.provider.config) as node:
        sign_for_both(node)
    assert scene.fair.match(tmp_path / "out.csv", agreement="only-here").code == 0
    scene.provider.did("agreements", "remove", "only-here", "--yes")
    gone = scene.fair.match(tmp_path / "gone.csv", agreement="only-here")
    assert_refused(gone, "agreement_unknown", tmp_path / "gone.csv")


def test_budget_is_per_day_and_agreement_and_never_given_back(scene: Scene, tmp_path: Path) -> None:
    """Two concurrent questions for a budget of one: exactly one is answered, and the books say so."""
    scene.agree("one-only", limits={"evaluations_per_day": len(PEOPLE) + 5, "largest_query": 100})
    before = scene.provider.budget()
    persons = tmp_path / "persons.csv"
    strangers = numbers_for_tests()[100:130]
    persons.write_text("record_ref;bsn\n" + "".join(f"x{at};{one}\n" for at, one in enumerate(strangers)))

    def ask(number: int) -> Ran:
        return scene.fair.match(tmp_path / f"{number}.csv", "--persons", persons, agreement="one-only")

    with ThreadPoolExecutor(2) as pool:
        codes = sorted(ran.code for ran in pool.map(ask, range(2)))
    assert codes == [0, 4]
    assert scene.provider.budget() == before + len(strangers)


def test_opa_stopped_means_refusal(scene: Scene, tmp_path: Path) -> None:
    """With a real OPA server to decide, a provider answers, refuses while that is dead, and answers when it is back."""
    folder = tmp_path / "answers"
    shutil.copytree(scene.provider.folder, folder)
    provider = LiveNode(folder / "node.yaml")
    bundle = tmp_path / "bundle"
    opa = OpaServer("--bundle", bundle)
    edit(provider.config, "engine: embedded", f'engine: opa\n  opa_url: "{opa.url}"')
    provider.did("policy", "bundle", bundle)
    persons = tmp_path / "persons.csv"
    persons.write_text("record_ref;bsn\n" + "".join(f"{at};{one}\n" for at, one in enumerate(PEOPLE[:7])))
    scene.provider.kill()  # its place is taken over
    try:
        opa.start()
        provider.start()
        answered = scene.fair.match(tmp_path / "first.csv", "--persons", persons)
        assert answered.code == 0, answered
        assert len(hits_in(tmp_path / "first.csv")) == 7
        opa.stop()
        charged = provider.budget()
        refused = scene.fair.match(tmp_path / "second.csv", "--persons", persons)
        assert_refused(refused, "policy_unavailable", tmp_path / "second.csv")
        assert provider.budget() == charged
        opa.start()
        again = scene.fair.match(tmp_path / "third.csv", "--persons", persons)
        assert again.code == 0, again
        events = [record["event"] for record in provider.evidence()]
        assert "refused" in events
    finally:
        opa.stop()
        provider.kill()
        scene.provider.start()


def test_opa_at_the_requester(scene: Scene, tmp_path: Path) -> None:
    """Without its OPA server a requester does not ask: the provider hears nothing."""
    folder = tmp_path / "asks"
    shutil.copytree(scene.fair.folder, folder)
    requester = LiveNode(folder / "node.yaml")
    edit(requester.config, "engine: embedded", 'engine: opa\n  opa_url: "http://127.0.0.1:9"')
    events = len(scene.provider.evidence())
    refused = requester.match(tmp_path / "out.csv")
    assert_refused(refused, "policy_unavailable", tmp_path / "out.csv")
    assert len(scene.provider.evidence()) == events


def test_reasons_are_stable_in_the_summary(scene: Scene) -> None:
    """`queries list` shows every refused question with its code."""
    listed = scene.fair.did("queries", "list", "--json").json
    codes = {code for query in listed for code in query["reasons"]}
    assert {"purpose_not_agreed", "query_too_large"} <= codes
    assert all(query["agreement"] != AGREEMENT or query["provider"] == OIN_B for query in listed)
