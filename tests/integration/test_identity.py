"""Who may call whom: certificates that are foreign, expired, of another organisation or for another face."""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import grpc
import pytest

from linkage_node._generated.linkage.v1 import peer_pb2, system_pb2
from linkage_node._generated.linkage.v1.order_pb2 import (
    ANSWER_HIT,
    DECISION_DENY,
    OPERATION_FETCH_TAG_SET,
    Receipt,
    Signed,
)
from linkage_node.agreements import content_hash
from linkage_node.clock import now_ms
from linkage_node.matching.orders import ID_BYTES, Ask, make_order
from linkage_node.matching.signing import sign
from linkage_node.node import Node
from linkage_node.peers.dev_ca import Issued, open_dev_ca
from linkage_node.pseudonyms.epoch_keys import KeyLabel
from tests.integration.world import AGREEMENT, PURPOSE, LiveNode, agree, stubs
from tests.nodes import OIN_A, OIN_B, OIN_C, edit, introduce, make_node
from tests.registers import test_bsns as numbers_for_tests

PEOPLE = numbers_for_tests()[:20]


class Scene(NamedTuple):
    """Three organisations; A and B agreed, all know each other, and the server of B runs."""

    a: LiveNode
    b: LiveNode
    c: LiveNode

    def issue(self, name: str, oin: str, *, authority: str = "dev-ca", start: datetime | None = None) -> Path:
        """A new certificate and key, NAME.pem and NAME.key, beside the nodes' folders."""
        ca = open_dev_ca(self.b.folder.with_name(authority))
        issued: Issued = ca.issue(
            oin=oin, organisation="Test", common_name=name, hosts=("127.0.0.1",), start=start
        )
        path = self.b.folder.with_name(f"{name}.pem")
        path.write_bytes(issued.certificate_pem)
        path.with_suffix(".key").write_bytes(issued.key_pem)
        return path


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Three organisations. B has a second system, that may not match."""
    folder = tmp_path_factory.mktemp("identity")
    configs = [make_node(folder / name, oin) for name, oin in (("a", OIN_A), ("b", OIN_B), ("c", OIN_C))]
    introduce(*configs)
    scene = Scene(*map(LiveNode, configs))
    agree(scene.a, scene.b)
    for node in (scene.a, scene.b):
        node.load((f"{node.folder.name}{at}", person) for at, person in enumerate(PEOPLE))
    scene.b.start()
    try:
        yield scene
    finally:
        scene.b.kill()


def list_queries(channel: grpc.Channel) -> object:
    """A call for a system that may match."""
    return stubs(channel).queries.ListQueries(system_pb2.ListQueriesRequest(), timeout=10)


def describe(channel: grpc.Channel) -> object:
    """A call for a system that may keep the register."""
    return stubs(channel).register.DescribeRegister(system_pb2.DescribeRegisterRequest(), timeout=10)


def epoch_key(channel: grpc.Channel, node: LiveNode) -> object:
    """A call for a peer."""
    with Node.open(node.config) as opened:
        agreement = content_hash(opened.agreements.get_by_id(AGREEMENT))
    request = peer_pb2.GetEpochKeyRequest(agreement_hash=agreement, kind="bsn")
    return stubs(channel).peers.GetEpochKey(request, timeout=10)


def refusal(call: "pytest.ExceptionInfo[grpc.RpcError]") -> tuple[grpc.StatusCode, str]:
    """Status and reason code of a call that failed."""
    error = call.value
    return error.code(), (error.details() or "").partition(":")[0]


def test_each_face_serves_its_own_callers(scene: Scene) -> None:
    """A registered system is served on the system face, and the agreement's requester on the peer face."""
    with scene.b.channel() as channel:
        assert list_queries(channel)
        assert describe(channel)
    with scene.b.channel(
        scene.a.folder / "keys" / "node.pem", scene.a.folder / "keys" / "node.key"
    ) as channel:
        assert epoch_key(channel, scene.b)


@pytest.mark.parametrize(
    ("oin", "authority", "age"),
    [(OIN_A, "foreign-ca", 0), (OIN_A, "dev-ca", 365)],
    ids=["foreign", "expired"],
)
def test_handshake_refuses(scene: Scene, oin: str, authority: str, age: int) -> None:
    """A foreign or expired certificate, whatever OIN it bears, is refused in the handshake: no handler is reached."""
    start = datetime.now(UTC) - timedelta(days=age)
    certificate = scene.issue(f"{authority}-{age}", oin, authority=authority, start=start)
    for call in (list_queries, describe, lambda channel: epoch_key(channel, scene.b)):
        with (
            scene.b.channel(certificate, certificate.with_suffix(".key")) as channel,
            pytest.raises(grpc.RpcError) as caught,
        ):
            call(channel)
        assert refusal(caught)[0] == grpc.StatusCode.UNAVAILABLE


def test_no_certificate_no_call(scene: Scene) -> None:
    """A caller without any certificate is not heard."""
    credentials = grpc.ssl_channel_credentials((scene.b.folder / "keys" / "ca.pem").read_bytes())
    with (
        grpc.secure_channel(scene.b.address, credentials) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        list_queries(channel)
    assert refusal(caught)[0] == grpc.StatusCode.UNAVAILABLE


def test_system_face_refuses_who_is_no_registered_system(scene: Scene) -> None:
    """The node's own certificate, a peer's, a peer's system's and an unregistered one of the same OIN: all refused."""
    strange = scene.issue("strange-system", OIN_B)
    certificates = [
        scene.b.folder / "keys" / "node.pem",
        scene.a.folder / "keys" / "node.pem",
        scene.a.folder / "keys" / "system.pem",
        strange,
    ]
    for certificate in certificates:
        for call in (list_queries, describe):
            with (
                scene.b.channel(certificate, certificate.with_suffix(".key")) as channel,
                pytest.raises(grpc.RpcError) as caught,
            ):
                call(channel)
            assert refusal(caught) == (grpc.StatusCode.PERMISSION_DENIED, "system_unknown"), certificate


def test_peer_face_refuses_who_is_no_peer(scene: Scene) -> None:
    """On the peer face: the own node and its systems are no peers, and another peer has no part in the agreement."""
    cases = [
        (scene.b.folder / "keys" / "node.pem", "peer_unknown"),
        (scene.b.folder / "keys" / "system.pem", "peer_unknown"),
        (scene.c.folder / "keys" / "node.pem", "agreement_unknown"),
        (scene.issue("no-oin", "A1"), "certificate_without_oin"),
    ]
    for certificate, code in cases:
        with (
            scene.b.channel(certificate, certificate.with_suffix(".key")) as channel,
            pytest.raises(grpc.RpcError) as caught,
        ):
            epoch_key(channel, scene.b)
        assert refusal(caught)[1] == code


def signed_order(signer: LiveNode, requester: str, public_key: bytes = bytes(31) + b"\x01") -> Signed:
    """An order for B's tag set in the name of `requester`, signed by `signer`."""
    with Node.open(signer.config) as node, Node.open(signer.folder.with_name("b") / "node.yaml") as provider:
        agreement = provider.agreements.get_by_id(AGREEMENT)
        epoch = agreement.epoch_at(now_ms())
        label = KeyLabel(OIN_B, requester, content_hash(agreement), PURPOSE, "bsn", epoch)
        ask = Ask(
            label=label,
            agreement_id=AGREEMENT,
            answer=ANSWER_HIT,
            operation=OPERATION_FETCH_TAG_SET,
            public_key=public_key,
            transaction_id=os.urandom(ID_BYTES),
            nonce=os.urandom(ID_BYTES),
            expires_at_ms=now_ms() + 60_000,
            register_root=bytes(32),
        )
        return sign(make_order(ask), node.secrets.signing_key)


def test_an_order_in_anothers_name_is_refused(scene: Scene) -> None:
    """C sends A's own order, or one it signed itself in A's name: refused, whatever the message says about who asks."""
    request = peer_pb2.FetchTagSetRequest
    keys = scene.c.folder / "keys"
    with scene.b.channel(keys / "node.pem", keys / "node.key") as channel:
        stolen = stubs(channel).peers.FetchTagSet(request(order=signed_order(scene.a, OIN_A)), timeout=10)
        with pytest.raises(grpc.RpcError) as caught:
            list(stolen)
        assert refusal(caught)[1] == "signature_invalid"
        forged = stubs(channel).peers.FetchTagSet(request(order=signed_order(scene.c, OIN_A)), timeout=10)
        (answer,) = forged
    receipt = Receipt.FromString(answer.receipt.payload)
    assert (receipt.decision, list(receipt.reasons)) == (DECISION_DENY, ["oin_mismatch"])
    assert not answer.additions


@contextmanager
def impostor(scene: Scene, certificate: Path) -> Iterator[LiveNode]:
    """A requester whose card of B points to a server that shows this certificate."""
    server = grpc.server(ThreadPoolExecutor(2))
    credentials = grpc.ssl_server_credentials(
        [(certificate.with_suffix(".key").read_bytes(), certificate.read_bytes())],
        (scene.a.folder / "keys" / "ca.pem").read_bytes(),
        require_client_auth=True,
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    folder = scene.a.folder.with_name(f"a-{certificate.stem}")
    shutil.copytree(scene.a.folder, folder)
    requester = LiveNode(folder / "node.yaml")
    card = (scene.b.folder / "card.yaml").read_text().replace(scene.b.address, f"127.0.0.1:{port}")
    with Node.open(requester.config) as node:
        node.peers.add(card, replace=True)
    try:
        yield requester
    finally:
        server.stop(None).wait()


@pytest.mark.parametrize(
    ("name", "oin", "authority", "age", "code"),
    [
        ("false-foreign", OIN_B, "foreign-ca", 0, "certificate_refused"),
        ("false-expired", OIN_B, "dev-ca", 365, "certificate_refused"),
        ("false-oin", OIN_C, "dev-ca", 0, "oin_mismatch"),
        ("false-none", "A1", "dev-ca", 0, "certificate_without_oin"),
    ],
)
def test_requester_refuses_a_false_provider(
    scene: Scene, tmp_path: Path, name: str, oin: str, authority: str, age: int, code: str
) -> None:
    """A provider with a foreign or expired certificate, or another OIN than its card's, is asked nothing."""
    start = datetime.now(UTC) - timedelta(days=age)
    certificate = scene.issue(name, oin, authority=authority, start=start)
    with impostor(scene, certificate) as requester:
        ran = requester.match(tmp_path / "out.csv")
        events = [record["event"] for record in requester.evidence()]
    assert (ran.code, code in ran.err) == (4, True), ran
    assert not (tmp_path / "out.csv").exists()
    assert "asked" not in events


@pytest.mark.parametrize(
    ("name", "oin", "authority", "age", "code"),
    [
        ("own-foreign", OIN_A, "foreign-ca", 0, "certificate_refused"),
        ("own-expired", OIN_A, "dev-ca", 365, "certificate_refused"),
        ("own-oin", OIN_C, "dev-ca", 0, "oin_mismatch"),
    ],
)
def test_a_requester_with_a_bad_certificate_is_told(
    scene: Scene, tmp_path: Path, name: str, oin: str, authority: str, age: int, code: str
) -> None:
    """A requester whose own certificate is foreign, expired, or of another OIN than its own is told so in words."""
    start = datetime.now(UTC) - timedelta(days=age)
    certificate = scene.issue(name, oin, authority=authority, start=start)
    folder = scene.a.folder.with_name(f"a-{name}")
    shutil.copytree(scene.a.folder, folder)
    for file, suffix in (("node.pem", ".pem"), ("node.key", ".key")):
        (folder / "keys" / file).write_bytes(certificate.with_suffix(suffix).read_bytes())
    ran = LiveNode(folder / "node.yaml").match(tmp_path / "out.csv")
    assert (ran.code, code in ran.err) == (4, True), ran
    assert "What to do" in ran.err


def test_a_system_may_only_what_it_is_allowed(scene: Scene) -> None:
    """A system that may keep the register may not match, and the other way round; the operator changes that."""
    certificate = scene.b.folder / "keys" / "system.pem"
    scene.b.terminate()
    edit(scene.b.config, "may: [match, register]", "may: [register]")
    try:
        scene.b.start()
        with scene.b.channel(certificate, certificate.with_suffix(".key")) as channel:
            assert describe(channel)
            with pytest.raises(grpc.RpcError) as caught:
                list_queries(channel)
        assert refusal(caught) == (grpc.StatusCode.PERMISSION_DENIED, "system_unknown")
    finally:
        scene.b.kill()
        edit(scene.b.config, "may: [register]", "may: [match, register]")
        scene.b.start()
