"""Several processes and threads of one node over one database, SQLite and PostgreSQL: no signature twice, none lost."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import delete

from linkage_node.agreements import Agreement, content_hash
from linkage_node.agreements.put_back import PutBack
from linkage_node.agreements.signing import Signing
from linkage_node.agreements.standing import SignatureType
from linkage_node.errors import LinkageError, Refusal
from linkage_node.evidence import EvidenceLog
from linkage_node.node import Node
from linkage_node.storage.tables import agreement_signature
from tests.integration.world import AGREEMENT, LiveNode, agreement_text
from tests.nodes import OIN_A, OIN_B, introduce, make_node
from tests.signed import certificate, signature

PROCESSES = 4


@pytest.fixture
def live(tmp_path: Path, storage: str) -> LiveNode:
    """B, which has an agreement with A that nobody signed."""
    made = make_node(tmp_path / "asks", OIN_A), make_node(tmp_path / "answers", OIN_B, storage=storage)
    introduce(*made)
    with Node.open(made[1]) as node:
        node.agreements.add(agreement_text())
    return LiveNode(made[1])


def agreed(node: Node) -> Agreement:
    """The agreement."""
    return node.agreements.get_by_id(AGREEMENT)


def of_partner(live: LiveNode, node: Node, kind: SignatureType) -> str:
    """What A says of it."""
    issued = certificate(live.folder.parent / "dev-ca", OIN_A)
    return signature(issued, content_hash(agreed(node)), kind)


def at_once(acts: Sequence[Callable[[], object]]) -> list[str]:
    """All of them at the same moment, each in a thread; the reason codes, "" for what succeeded."""
    ready, ended = threading.Barrier(len(acts)), [""] * len(acts)

    def run(at: int, act: Callable[[], object]) -> None:
        ready.wait(30)
        try:
            act()
        except LinkageError as error:
            ended[at] = error.code
        except BaseException as fault:  # a thread's faults are told by the test
            ended[at] = repr(fault)

    threads = [threading.Thread(target=run, args=(at, act)) for at, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return ended


def said(live: LiveNode) -> Counter[tuple[str, str]]:
    """How often the evidence has each thing that was said, by whom; the chain is verified."""
    return Counter((one["event"], one["signed_by"]) for one in live.evidence() if "signed_by" in one)


def test_processes_that_store_the_same_at_once(live: LiveNode, tmp_path: Path) -> None:
    """Commands that take the partner's signature in, and sign themselves, side by side: each once, in force."""
    file = tmp_path / "partner.jws"
    with Node.open(live.config) as node:
        file.write_text(of_partner(live, node, "accept") + "\n")
    ran: list[tuple[int, str]] = []

    def command(*words: object) -> Callable[[], object]:
        def act() -> None:
            done = live.cli(*words, timeout=120)
            ran.append((done.code, done.err))

        return act

    receiving = [command("agreements", "receive", file) for _ in range(PROCESSES // 2)]
    signing = [command("agreements", "sign", AGREEMENT) for _ in range(PROCESSES // 2)]
    assert at_once([*receiving, *signing]) == [""] * PROCESSES
    assert [code for code, _ in ran] == [0] * PROCESSES, ran
    assert said(live) == {("agreement_signed", OIN_A): 1, ("agreement_signed", OIN_B): 1}
    kept = live.rows("SELECT oin, type FROM agreement_signature ORDER BY oin")
    assert kept == [(OIN_A, "accept"), (OIN_B, "accept")]
    assert live.did("agreements", "list", "--json").json[0]["status"] == "in_force"


def test_an_end_among_approvals_is_the_end(live: LiveNode) -> None:
    """Approvals and a revocation at the same moment, each from a process of its own: it has ended, in any order."""
    with Node.open(live.config) as node:
        texts = [of_partner(live, node, "accept"), of_partner(live, node, "revoke")]

    def taking(text: str) -> Callable[[], object]:
        def act() -> None:
            with Node.open(live.config) as node:
                Signing.of(node).take_in(agreed(node), [text])

        return act

    def approving() -> None:
        with Node.open(live.config) as node:
            Signing.of(node).sign(agreed(node), "accept")

    ended = at_once([taking(texts[0]), taking(texts[1]), taking(texts[1]), approving, approving])
    assert ended[1:3] == ["", ""]
    assert set(ended) <= {"", "signature_final"}
    told = said(live)
    assert told["agreement_revoked", OIN_A] == 1
    assert set(told.values()) == {1}
    with Node.open(live.config) as node:
        assert node.agreements.status(content_hash(agreed(node))) == "revoked"


def test_an_end_that_is_put_back_at_once_is_there_once(live: LiveNode) -> None:
    """Two processes find the same row missing: one of them puts it back, and neither fails."""
    with Node.open(live.config) as node:
        Signing.of(node).take_in(agreed(node), [of_partner(live, node, "revoke")])
        with node.database.write() as connection:
            connection.execute(delete(agreement_signature))
    done: list[int] = []

    def putting() -> None:
        with Node.open(live.config) as node:
            done.append(PutBack(node.database, EvidenceLog.of(node), OIN_B).run())

    assert at_once([putting] * PROCESSES) == [""] * PROCESSES
    assert sorted(done) == [0] * (PROCESSES - 1) + [1]
    assert live.rows("SELECT oin, type FROM agreement_signature") == [(OIN_A, "revoke")]


def test_another_process_revokes(live: LiveNode) -> None:
    """What a running process decides by is looked up each time: it knows of a command's revocation at once."""
    with Node.open(live.config) as node:
        agreement, signing = agreed(node), Signing.of(node)
        content = content_hash(agreement)
        signing.take_in(agreement, [of_partner(live, node, "accept")])
        signing.sign(agreement, "accept")
        before = node.agreements.version()
        assert node.agreements.status(content) == "in_force"
        live.did("agreements", "revoke", AGREEMENT, "--yes", "--json")
        assert node.agreements.status(content) == "revoked"
        with pytest.raises(Refusal) as refused:
            node.agreements.require_in_force(content)
        assert refused.value.code == "agreement_revoked"
        assert node.agreements.version() == before  # the text is the same
        live.did("agreements", "remove", AGREEMENT)
        assert node.agreements.version() != before


def test_what_is_known_waits_for_no_writer(live: LiveNode) -> None:
    """A partner that repeats itself is heard while somebody else writes."""
    with Node.open(live.config) as node, Node.open(live.config) as other:
        text = of_partner(live, node, "accept")
        assert len(Signing.of(node).take_in(agreed(node), [text])) == 1
        with other.database.write():
            assert Signing.of(node).take_in(agreed(node), [text]) == []
