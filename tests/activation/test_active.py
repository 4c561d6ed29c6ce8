"""The policy in force: taken up soon, whole, and kept when the next one cannot be used; never an older one."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import delete, text, update

from linkage_node import jws
from linkage_node.clock import now_ms
from linkage_node.errors import InputError, LinkageError, Refusal, StorageError
from linkage_node.evidence import EvidenceLog
from linkage_node.evidence.log import read
from linkage_node.limits import POLICY_SIGNATURE_SECONDS, POLICY_SWITCH_SECONDS
from linkage_node.node import Node
from linkage_node.policy import activation
from linkage_node.policy.active import ActivePolicy
from linkage_node.policy.archive import Bundle
from linkage_node.storage.tables import evidence, policy_activation
from tests.activation.office import (
    ANNA,
    BERT,
    EMPTY,
    FULL,
    activate,
    codes,
    make_office,
    person,
    policy,
    put_into_force,
    signed,
)
from tests.nodes import edit, make_node
from tests.policy.corpus import AGREEMENT, hash_of, question

FIRST, SECOND = policy(1, FULL), policy(2, EMPTY)


@pytest.fixture
def config(tmp_path: Path, storage: str) -> Path:
    """The node.yaml of a node with officers, where nothing is in force; on SQLite, and on PostgreSQL."""
    return make_office(tmp_path, storage=storage)


@pytest.fixture
def node(config: Path) -> Iterator[Node]:
    """That node, as it serves."""
    with Node.open(config) as made:
        assert made.active_policy is not None
        made.active_policy.record_refusals()
        yield made


def decided(node: Node) -> tuple[bool, str]:
    """Whether the question that fits is approved, and by which revision."""
    outcome = node.decide.decide(question())
    return outcome.allow, outcome.revision


def code(node: Node) -> str:
    """The reason for which nothing is decided."""
    with pytest.raises(Refusal) as refused:
        node.decide.decide(question())
    return refused.value.code


def test_without_an_activation_every_question_is_refused(node: Node) -> None:
    """Whatever the node's folder and store hold."""
    assert code(node) == "policy_not_activated"
    assert node.active_policy is not None
    assert node.active_policy.activated() == frozenset()
    assert codes(node) == []


def test_a_production_node_without_officers_decides_nothing(tmp_path: Path) -> None:
    """Nor does it serve: who may approve must be named first."""
    config = make_node(tmp_path / "node")
    edit(config, "mode: development", "mode: production")
    with Node.open(config) as node, pytest.raises(InputError) as refused:
        _ = node.decide
    assert refused.value.code == "officers_not_named"


def test_a_new_policy_decides_once_it_is_taken_up(node: Node) -> None:
    """Its revision is in the decision, its agreements are those in force, and the evidence names the officers."""
    put_into_force(node, FIRST)
    assert decided(node) == (True, FIRST.revision)
    assert node.active_policy is not None
    assert node.active_policy.activated() == {bytes.fromhex(hash_of(AGREEMENT))}
    put_into_force(node, SECOND)
    assert decided(node) == (False, SECOND.revision)
    assert node.active_policy.activated() == frozenset()
    told = [read(record) for record in EvidenceLog.of(node).records()]
    assert [
        (one["event"], one["sequence"], one["revision"], one["bundle_sha256"], one["officers"])
        for one in told
    ] == [
        ("policy_activated", one.sequence, one.revision, one.sha256, ["Anna de Vries", "Bert Jansen"])
        for one in (FIRST, SECOND)
    ]


def test_the_evidence_tells_officers_by_their_keys(node: Node, config: Path) -> None:
    """Whoever puts keys of his own under their names into node.yaml stands there with his keys and his signatures."""
    put_into_force(node, FIRST)
    own = [person(one.officer.name, f"operator {one.officer.name}") for one in (ANNA, BERT)]
    for known, other in zip((ANNA, BERT), own, strict=True):
        edit(config, known.officer.key, other.officer.key)
    with Node.open(config) as started:
        started.activations.activate(SECOND.content, signed(SECOND, *own), now_ms())
        first, second = [read(record) for record in EvidenceLog.of(started).records()]
    assert first["officers"] == second["officers"] == [ANNA.officer.name, BERT.officer.name]
    for told, people in ((first, (ANNA, BERT)), (second, own)):
        assert told["officer_keys"] == [one.officer.key for one in people]
        for signature, one in zip(told["signatures"], people, strict=True):
            said = jws.verified(signature, one.key.public_key())
            assert (said["bundle_sha256"], said["sequence"]) == (told["bundle_sha256"], told["sequence"])
    with pytest.raises(Refusal) as refused:
        jws.verified(second["signatures"][0], ANNA.key.public_key())
    assert refused.value.code == "signature_invalid"


def test_what_is_in_force_stays_so(node: Node) -> None:
    """A signature is for the policy to come: what it put into force is loaded again long after."""
    put_into_force(node, FIRST)
    later = now_ms() + 1000 * (POLICY_SIGNATURE_SECONDS + 60)
    assert ActivePolicy(node.activations, lambda: later).current().bundle == FIRST


def test_an_agreement_that_is_not_in_the_policy_is_not_activated(node: Node) -> None:
    """Whoever signed it: that is the reason given, not that nobody knows it."""
    put_into_force(node, SECOND)
    outcome = node.decide.decide(question(status="not_activated"))
    assert (outcome.allow, outcome.reasons) == (False, ("agreement_not_activated",))
    assert node.decide.decide(question()).reasons == ("agreement_unknown",)


def test_to_go_back_is_a_new_policy(node: Node) -> None:
    """The older content with the next number and two signatures; the older file itself is refused."""
    for one in (FIRST, SECOND):
        put_into_force(node, one)
    with pytest.raises(Refusal) as refused:
        put_into_force(node, FIRST)
    assert refused.value.code == "policy_older"
    put_into_force(node, policy(node.activations.next_sequence(), FULL))
    assert decided(node) == (True, FIRST.revision)


Change = Callable[[Node], None]


def sql(statement: str) -> Change:
    """A statement by which somebody changes the database; `x'00'` is a byte."""

    def change(node: Node) -> None:
        written = statement if node.database.sqlite else statement.replace("x'00'", "decode('00', 'hex')")
        with node.database.write() as connection:
            connection.execute(text(written))

    return change


def another_bundle(bundle: Bundle, *, signatures: list[str] | None = None) -> Change:
    """Another policy in the newest row."""

    def change(node: Node) -> None:
        values: dict[str, object] = {"bundle": bundle.content, "revision": bundle.revision}
        if signatures is not None:
            values["signatures"] = "\n".join(signatures)
        with node.database.write() as connection:
            connection.execute(update(policy_activation).filter_by(sequence=2).values(**values))

    return change


def without_the_newest(node: Node) -> None:
    """The newest row is taken away."""
    with node.database.write() as connection:
        connection.execute(delete(policy_activation).filter_by(sequence=2))


TWICE = policy(2, FULL)
BEHIND_ITS_BACK: dict[str, tuple[Change, str]] = {
    "row_taken_away": (without_the_newest, "policy_older"),
    "all_rows_taken_away": (sql("DELETE FROM policy_activation"), "policy_not_activated"),
    "older_row_as_newest": (
        sql("UPDATE policy_activation SET sequence = 3 WHERE sequence = 1"),
        "policy_tampered",
    ),
    "older_bundle_in_newest_row": (another_bundle(FIRST, signatures=signed(FIRST)), "policy_tampered"),
    "unsigned_bundle": (another_bundle(TWICE), "policy_tampered"),
    "signed_by_one": (another_bundle(TWICE, signatures=signed(TWICE, ANNA)), "officer_missing"),
    # two officers signed it, and it never was activated: its evidence is missing
    "never_activated": (another_bundle(TWICE, signatures=signed(TWICE)), "policy_tampered"),
    "junk": (sql("UPDATE policy_activation SET bundle = x'00' WHERE sequence = 2"), "policy_tampered"),
    "no_signatures": (
        sql("UPDATE policy_activation SET signatures = '' WHERE sequence = 2"),
        "policy_unsigned",
    ),
    "other_evidence": (
        sql("UPDATE policy_activation SET evidence_seq = 1 WHERE sequence = 2"),
        "policy_tampered",
    ),
    "other_revision": (
        sql("UPDATE policy_activation SET revision = 'x' WHERE sequence = 2"),
        "policy_tampered",
    ),
}


@pytest.mark.parametrize("name", BEHIND_ITS_BACK)
def test_nothing_is_read_of_a_changed_database(
    node: Node, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stored policy is no JSON and no Rego before signatures, row and evidence are one."""
    put_into_force(node, FIRST)
    put_into_force(node, SECOND)
    BEHIND_ITS_BACK[name][0](node)
    read_of_it: list[bytes] = []
    monkeypatch.setattr(activation, "read_bundle", read_of_it.append)
    with pytest.raises(Refusal):
        node.activations.newest(0, now_ms())
    assert read_of_it == []


@pytest.mark.parametrize("name", BEHIND_ITS_BACK)
def test_a_database_changed_behind_its_back(node: Node, config: Path, name: str) -> None:
    """A node that starts refuses every question, and tells why; one that runs keeps the last good policy."""
    put_into_force(node, FIRST)
    put_into_force(node, SECOND)
    assert decided(node) == (False, SECOND.revision)
    change, expected = BEHIND_ITS_BACK[name]
    change(node)
    assert decided(node) == (False, SECOND.revision)
    with Node.open(config) as started:
        assert code(started) == expected
    put_into_force(node, policy(node.activations.next_sequence(), FULL))  # how to mend it
    assert decided(node)[0]
    with Node.open(config) as started:
        assert decided(started)[0]


@pytest.mark.parametrize(
    "edited", [b"policy_Activated", b"", None], ids=["another event", "empty", "deleted"]
)
def test_an_edited_record_hides_no_newer_policy(config: Path, edited: bytes | None) -> None:
    """Without the newest row, and what the evidence says of it, nothing is in force: nobody can tell what should be."""
    with Node.open(config) as node:
        put_into_force(node, FIRST)
        put_into_force(node, SECOND)
        record = list(EvidenceLog.of(node).records())[-1]
        assert read(record)["event"] == "policy_activated"
        without_the_newest(node)
        mine = evidence.c.seq == record.seq
        body = record.body.replace(b"policy_activated", edited) if edited else b""
        with node.database.write() as connection:
            connection.execute(
                delete(evidence).where(mine)
                if edited is None
                else update(evidence).where(mine).values(body=body)
            )
    with Node.open(config) as started:
        for ask in (lambda: decided(started), started.activations.next_sequence):
            with pytest.raises(StorageError) as refused:
                ask()
            assert refused.value.code == "evidence_broken"


def test_a_number_is_not_used_again_after_its_row_was_taken_away(node: Node) -> None:
    """The evidence knows of it, so another policy with that number is refused."""
    put_into_force(node, FIRST)
    put_into_force(node, SECOND)
    without_the_newest(node)
    assert node.activations.next_sequence() == 3
    with pytest.raises(Refusal) as refused:
        put_into_force(node, TWICE)
    assert refused.value.code == "policy_older"


def test_a_broken_one_keeps_the_last_good_one(node: Node) -> None:
    """What cannot be used is told once in log and evidence; the last good one decides until there is a better one."""
    put_into_force(node, FIRST)
    assert decided(node)[0]
    activate(node, SECOND)
    sql("UPDATE policy_activation SET bundle = x'00' WHERE sequence = 2")(node)
    active = node.active_policy
    assert active is not None
    assert active.renewed().bundle == FIRST
    for _ in range(3):
        assert decided(node) == (True, FIRST.revision)
    assert codes(node) == ["policy_tampered"]
    put_into_force(node, policy(3, EMPTY))
    assert decided(node) == (False, SECOND.revision)


def test_questions_are_decided_by_the_old_one_while_the_new_one_is_read(node: Node) -> None:
    """Nobody waits, every decision is whole, and once the new one decides the old one does no more."""
    put_into_force(node, FIRST)
    activate(node, SECOND)
    old, new = (True, FIRST.revision), (False, SECOND.revision)
    assert decided(node) == old
    found = _decided_until(node, new)
    assert set(found) <= {old, new}
    assert found == sorted(found, key=[old, new].index)


def _decided_until(node: Node, last: tuple[bool, str]) -> list[tuple[bool, str]]:
    ends_at = monotonic() + 60
    found = [decided(node)]
    while found[-1] != last and monotonic() < ends_at:
        found.append(decided(node))
    return [*found, *(decided(node) for _ in range(3))]


def test_the_old_one_decides_for_seconds_and_no_longer(node: Node) -> None:
    """Of an activation that is ten seconds past nobody asks by the policy before, whether or not it was read."""
    put_into_force(node, FIRST)
    late = ActivePolicy(node.activations, lambda: now_ms() + round(1000 * POLICY_SWITCH_SECONDS))
    assert late.current().bundle == FIRST
    activate(node, SECOND)
    assert late.current().bundle == SECOND


def test_a_node_that_nobody_asks_takes_it_up_too(node: Node) -> None:
    """It looks by itself, so that the first question does not wait, and a broken policy is told at once."""
    put_into_force(node, FIRST)
    stopped, ends_at = threading.Event(), monotonic() + 60
    assert node.active_policy is not None
    watching = threading.Thread(target=node.active_policy.watch, args=(stopped,))
    watching.start()
    try:
        sql(
            "INSERT INTO policy_activation SELECT 2, revision, x'00', signatures, activated_at, evidence_seq"
            " FROM policy_activation"
        )(node)
        while not codes(node):
            assert monotonic() < ends_at
    finally:
        stopped.set()
        watching.join(30)
    assert codes(node) == ["policy_tampered"]


def test_an_officer_who_left_approves_of_nothing_any_more(node: Node, config: Path) -> None:
    """After a restart with another list of officers, what he signed is not in force."""
    put_into_force(node, FIRST)
    config.write_text(config.read_text().replace("Bert Jansen", "Berta Jansen"))
    with Node.open(config) as started:
        assert code(started) == "officer_unknown"


def test_two_activations_at_once_are_one(config: Path) -> None:
    """Of two policies with the same number one comes into force, whatever two commands do at the same moment."""
    ended: list[str] = []
    bundles = [policy(1, one) for one in (FULL, EMPTY)]
    ready = threading.Barrier(len(bundles))

    def activate(bundle: Bundle) -> None:
        with Node.open(config) as node:
            ready.wait(10)
            try:
                node.activations.activate(bundle.content, signed(bundle), now_ms())
                ended.append("")
            except LinkageError as error:
                ended.append(error.code)

    threads = [threading.Thread(target=activate, args=(bundle,)) for bundle in bundles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(ended) == ["", "policy_older"]


def test_threads_see_the_one_policy_or_the_other(node: Node) -> None:
    """While policies are swapped every decision is whole: approved by the one revision, or refused by the other."""
    put_into_force(node, FIRST)
    wholes = {(True, FIRST.revision), (False, SECOND.revision)}
    seen: list[set[tuple[bool, str]]] = [set() for _ in range(4)]
    faults: list[BaseException] = []
    over = threading.Event()

    def ask(found: set[tuple[bool, str]]) -> None:
        try:
            while not over.is_set():
                found.add(decided(node))
        except BaseException as fault:  # a thread's faults are told by the test
            faults.append(fault)

    threads = [threading.Thread(target=ask, args=(found,)) for found in seen]
    for thread in threads:
        thread.start()
    try:
        for sequence in range(2, 10):
            of = EMPTY if sequence % 2 == 0 else FULL
            put_into_force(node, policy(sequence, of))
            assert decided(node) == (of is FULL, policy(sequence, of).revision)
    finally:
        over.set()
        for thread in threads:
            thread.join(30)
    assert not faults
    assert set().union(*seen) == wholes
