"""Signatures between real nodes: signed, brought, asked under, revoked, also when one of the two was down."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest

from linkage_node._generated.linkage.v1 import peer_pb2, system_pb2
from linkage_node.agreements import content_hash
from linkage_node.errors import ExitCode
from linkage_node.limits import SIGNATURES_IN_ONE_CALL, SIGNATURES_OF_ONE
from linkage_node.node import Node
from tests.integration.test_system_face import failure
from tests.integration.world import AGREEMENT, LiveNode, agreement_text, await_that, stubs
from tests.nodes import OIN_A, OIN_B, OIN_C, introduce, make_node
from tests.registers import test_bsns as numbers_for_tests
from tests.signed import certificate, signature

PEOPLE = numbers_for_tests()[:12]
MINUTE = 60.0


def proposed(folder: Path, storage: Callable[[], str]) -> tuple[LiveNode, LiveNode]:
    """A requester and a provider that added an agreement and did not sign it; each with its storage; not started."""
    configs = (
        make_node(folder / "asks", OIN_A, storage=storage()),
        make_node(folder / "answers", OIN_B, storage=storage()),
    )
    introduce(*configs)
    nodes = LiveNode(configs[0]), LiveNode(configs[1])
    for live in nodes:
        live.load((f"{live.folder.name}{at}", person) for at, person in enumerate(PEOPLE))
        with Node.open(live.config) as node:
            node.agreements.add(agreement_text())
    return nodes


@pytest.fixture
def nodes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[LiveNode, LiveNode]]:
    """Both, stopped at the end; on SQLite unless the test says otherwise."""
    on_postgres = getattr(request, "param", "sqlite") == "postgresql"
    made = proposed(
        tmp_path, request.getfixturevalue("postgres") if on_postgres else lambda: "sqlite:///node.db"
    )
    try:
        yield made
    finally:
        for live in made:
            live.kill()


def refused(call: Callable[[], object]) -> tuple[grpc.StatusCode, str]:
    """Status and reason code of a call that must fail."""
    with pytest.raises(grpc.RpcError) as error:
        call()
    return failure(error.value)


def status(live: LiveNode) -> str:
    """How the agreement stands at a node."""
    (told,) = live.did("agreements", "list", "--json").json
    return str(told["status"])


def events(live: LiveNode) -> list[tuple[str, str]]:
    """What was said to agreements, and by whom, as the evidence has it."""
    return [
        (one["event"], one["signed_by"]) for one in live.evidence() if one["event"].startswith("agreement_")
    ]


@pytest.mark.parametrize("nodes", ["sqlite", "postgresql"], indirect=True)
def test_from_signing_to_revoking(nodes: tuple[LiveNode, LiveNode], tmp_path: Path) -> None:
    """Signed at both, over mutual TLS; asked; revoked while the other was down: refused at both within a minute."""
    asks, answers = nodes
    answers.start()
    early = asks.match(tmp_path / "early.csv")
    assert (early.code, early.json["error"]) == (ExitCode.REFUSED, "agreement_unsigned")
    (signed,) = asks.did("agreements", "sign", AGREEMENT, "--json").json
    assert (signed["delivered"], signed["status"], signed["missing_signatures"]) == (
        True,
        "unsigned",
        [OIN_B],
    )
    asks.start()
    (signed,) = answers.did("agreements", "sign", AGREEMENT, "--json").json
    assert (signed["delivered"], signed["status"]) == (True, "in_force")
    assert status(asks) == status(answers) == "in_force"
    done = asks.match(tmp_path / "hits.csv")
    assert done.code == 0, done
    query = done.json["query_id"]

    asks.terminate()
    (revoked,) = answers.did("agreements", "revoke", AGREEMENT, "--yes", "--json").json
    assert (revoked["status"], revoked["delivered"], revoked["error"]) == (
        "revoked",
        False,
        "peer_unreachable",
    )
    late = asks.match(tmp_path / "late.csv")  # the requester has not heard of it, and hears it now
    assert (late.code, late.json["error"]) == (ExitCode.REFUSED, "agreement_revoked")
    assert status(asks) == "in_force"
    asks.start()
    await_that(lambda: status(asks) == "revoked", MINUTE)
    for command in (
        ("queries", "results", query, "--output", tmp_path / "again.csv"),
        ("queries", "overlap", query),
    ):
        gone = asks.cli(*command)
        assert (gone.code, "agreement_revoked" in gone.err) == (ExitCode.REFUSED, True), gone
    assert not (tmp_path / "again.csv").exists()
    with asks.channel() as channel:
        face = stubs(channel).queries
        calls = (
            lambda: list(face.FetchResults(system_pb2.FetchResultsRequest(query_id=query), timeout=10)),
            lambda: face.DescribeOverlap(system_pb2.DescribeOverlapRequest(query_id=query), timeout=10),
        )
        for call in calls:
            assert refused(call)[1] == "agreement_revoked"
    assert (
        asks.rows("SELECT count(*) FROM own_tags") == asks.rows("SELECT count(*) FROM peer_tag_set") == [(0,)]
    )
    assert answers.rows("SELECT count(*) FROM tag_set") == [(0,)]
    assert answers.rows("SELECT count(*) FROM epoch_seed WHERE sealed IS NOT NULL") == [(0,)]
    said = [("agreement_signed", OIN_A), ("agreement_signed", OIN_B), ("agreement_revoked", OIN_B)]
    assert events(asks) == events(answers) == said
    again = answers.cli("agreements", "sign", AGREEMENT, "--json")
    assert (again.code, again.json["error"]) == (ExitCode.REFUSED, "signature_final")


def test_the_running_node_brings_what_waits(nodes: tuple[LiveNode, LiveNode], tmp_path: Path) -> None:
    """Signed with the other down: it gets the signature once it is up, though a third partner keeps silent."""
    asks, answers = nodes
    silent = make_node(tmp_path / "silent", OIN_C)
    introduce(asks.config, silent)
    host, port = LiveNode(silent).address.split(":")
    with Node.open(asks.config) as node:
        node.agreements.add(agreement_text(id="with-silent", provider=OIN_C))
    with socket.create_server((host, int(port))):  # takes connections, and says nothing
        asks.did("agreements", "sign", AGREEMENT, "with-silent", "--json")
        asks.start()
        answers.start()
        await_that(
            lambda: asks.rows("SELECT count(*) FROM agreement_signature WHERE delivered_at > 0") == [(1,)],
            MINUTE,
        )
    (told,) = answers.did("agreements", "list", "--json").json
    assert told["missing_signatures"] == [OIN_B]


def test_by_file_where_nodes_cannot_meet(nodes: tuple[LiveNode, LiveNode], tmp_path: Path) -> None:
    """Signed and revoked with files that people hand over; a file twice is no harm, a changed one is refused."""
    asks, answers = nodes
    for live, other in ((asks, answers), (answers, asks)):
        live.did("agreements", "sign", AGREEMENT)
        file = tmp_path / f"{live.folder.name}.jws"
        live.did("agreements", "signatures", AGREEMENT, "--output", file)
        for _ in range(2):
            other.did("agreements", "receive", file)
    assert status(asks) == status(answers) == "in_force"
    spoilt = tmp_path / "spoilt.jws"
    spoilt.write_text((tmp_path / "asks.jws").read_text().strip()[:-4] + "AAAA\n")
    told = answers.cli("agreements", "receive", spoilt)
    assert (told.code, "signature_invalid" in told.err) == (ExitCode.REFUSED, True)
    asks.did("agreements", "revoke", AGREEMENT, "--yes")
    file = tmp_path / "end.jws"
    asks.did("agreements", "signatures", AGREEMENT, "--output", file)
    assert len(file.read_text().splitlines()) == 1
    answers.did("agreements", "receive", file)
    assert status(answers) == "revoked"
    assert events(answers) == events(asks)
    assert events(asks)[-1] == ("agreement_revoked", OIN_A)


# --- what may be said over the line, and by whom


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveNode, LiveNode, LiveNode]]:
    """A, B whose server runs, and C whom both know; A and B proposed an agreement to each other."""
    folder = tmp_path_factory.mktemp("exchange")
    configs = [make_node(folder / name, oin) for name, oin in (("a", OIN_A), ("b", OIN_B), ("c", OIN_C))]
    introduce(*configs)
    a, b, c = map(LiveNode, configs)
    with Node.open(b.config) as node:
        node.agreements.add(agreement_text())
    b.start()
    try:
        yield a, b, c
    finally:
        b.kill()


def exchange(
    caller: LiveNode, callee: LiveNode, content: bytes, *texts: str
) -> peer_pb2.ExchangeSignaturesResponse:
    """A call with the caller's own certificate."""
    keys = caller.folder / "keys"
    request = peer_pb2.ExchangeSignaturesRequest(
        signatures=[peer_pb2.AgreementSignatures(agreement_hash=content, jws=texts)]
    )
    with callee.channel(keys / "node.pem", keys / "node.key") as channel:
        return stubs(channel).peers.ExchangeSignatures(request, timeout=10)


def test_third_parties(scene: tuple[LiveNode, LiveNode, LiveNode]) -> None:
    """Who brings another's signature is refused; an agreement of others is to him as if it were not there."""
    a, b, c = scene
    with Node.open(b.config) as node:
        content = content_hash(node.agreements.get_by_id(AGREEMENT))
    by = {
        oin: signature(certificate(b.folder.parent / "dev-ca", oin), content) for oin in (OIN_A, OIN_B, OIN_C)
    }
    unknown = bytes(64)
    to_nowhere = signature(certificate(b.folder.parent / "dev-ca", OIN_C), unknown)
    for caller, text in ((c, by[OIN_A]), (a, by[OIN_C]), (a, by[OIN_B])):
        assert refused(lambda: exchange(caller, b, content, text))[1] == "signature_by_third_party"  # noqa: B023
    assert refused(lambda: exchange(a, b, content, by[OIN_A][:-4] + "AAAA"))[1] == "signature_invalid"
    assert refused(lambda: exchange(a, b, unknown, by[OIN_A]))[1] == "signature_invalid"
    nothing = peer_pb2.ExchangeSignaturesResponse()
    assert exchange(c, b, content, by[OIN_C]) == exchange(c, b, unknown, to_nowhere) == nothing
    assert exchange(c, b, content) == nothing
    assert b.rows("SELECT count(*) FROM agreement_signature") == [(0,)]
    assert events(b) == []
    taken = exchange(a, b, content, by[OIN_A])
    assert (list(taken.taken), [list(one.jws) for one in taken.signatures]) == ([content], [[]])
    assert b.rows("SELECT oin, type FROM agreement_signature") == [(OIN_A, "accept")]


def test_no_more_than_fits_in_a_call(scene: tuple[LiveNode, LiveNode, LiveNode]) -> None:
    """Too many agreements, one twice, or too many signatures under one: malformed."""
    a, b, _ = scene
    keys = a.folder / "keys"
    many = [
        peer_pb2.AgreementSignatures(agreement_hash=bytes([at] * 64))
        for at in range(SIGNATURES_IN_ONE_CALL + 1)
    ]
    full = [peer_pb2.AgreementSignatures(agreement_hash=bytes(64), jws=["x"] * (SIGNATURES_OF_ONE + 1))]
    with b.channel(keys / "node.pem", keys / "node.key") as channel:
        for signatures in (many, [many[0], many[0]], full):
            request = peer_pb2.ExchangeSignaturesRequest(signatures=signatures)
            told = refused(lambda: stubs(channel).peers.ExchangeSignatures(request, timeout=10))  # noqa: B023
            assert told == (grpc.StatusCode.INVALID_ARGUMENT, "malformed")
