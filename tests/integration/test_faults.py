"""Everything around a question that can fail: peers that are down, silent or false, locks, disks, ports and paths."""

import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import create_engine

from linkage_node._generated.linkage.v1.order_pb2 import Receipt, Signed
from linkage_node._generated.linkage.v1.peer_pb2 import (
    EvaluateResponse,
    FetchTagSetResponse,
    GetEpochKeyResponse,
)
from linkage_node.asking.results import HIT_HEADER
from linkage_node.matching.signing import sign
from linkage_node.node import Node
from tests.integration.fake_provider import FakeProvider, fake_provider
from tests.integration.world import COMMAND, LiveNode, Ran, first_line, hits_in, make_pair
from tests.registers import test_bsns as numbers_for_tests

PEOPLE = numbers_for_tests()[:30]
BLOCK_EVIDENCE = """\
CREATE TRIGGER no_evidence BEFORE INSERT ON evidence BEGIN SELECT RAISE(ABORT, 'the log is not writable'); END
"""


class Scene(NamedTuple):
    """A requester, a provider (not started), and a folder."""

    requester: LiveNode
    provider: LiveNode
    folder: Path

    @property
    def output(self) -> Path:
        """Where results go."""
        return self.folder / "out.csv"

    def ask(self) -> Ran:
        """A question about the whole register."""
        return self.requester.match(self.output)

    def asked(self) -> bool:
        """Whether the requester ever sent an order."""
        return any(record["event"] == "asked" for record in self.requester.evidence())


def prepared_pair(folder: Path) -> tuple[LiveNode, LiveNode]:
    """A requester and a provider with the same thirty people."""
    nodes = make_pair(folder)
    for node in nodes:
        node.load((f"{at}", person) for at, person in enumerate(PEOPLE))
    return nodes


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of two nodes, to be copied."""
    folder = tmp_path_factory.mktemp("faults")
    prepared_pair(folder)
    return folder


@pytest.fixture
def scene(prepared: Path, tmp_path: Path) -> Iterator[Scene]:
    """Copies of the two nodes."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    requester, provider = (LiveNode(tmp_path / name / "node.yaml") for name in ("asks", "answers"))
    try:
        yield Scene(requester, provider, tmp_path)
    finally:
        requester.kill()
        provider.kill()


def assert_failed(ran: Ran, exit_code: int, code: str, output: Path) -> None:
    """The exit code, the reason's code, what to do, and no results."""
    assert (ran.code, code in ran.err) == (exit_code, True), ran
    assert "What to do" in ran.err
    assert not output.exists()


def point_to(scene: Scene, address: str) -> None:
    """Let the requester look for the provider elsewhere."""
    card = (scene.provider.folder / "card.yaml").read_text().replace(scene.provider.address, address)
    with Node.open(scene.requester.config) as node:
        node.peers.add(card, replace=True)


# --- peers that are not there, or not what they should be


def test_a_provider_that_is_down(scene: Scene) -> None:
    """Nobody listens: unreachable, with words; when the provider is there again the same command works."""
    assert_failed(scene.ask(), 5, "peer_unreachable", scene.output)
    scene.provider.start()
    assert scene.ask().code == 0
    assert len(hits_in(scene.output)) == len(PEOPLE)


@pytest.mark.slow
def test_a_silent_listener(scene: Scene) -> None:
    """Somebody accepts the connection and never says a word: given up after some seconds."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        point_to(scene, f"127.0.0.1:{silent.getsockname()[1]}")
        assert_failed(scene.requester.match(scene.output, timeout=30), 5, "peer_unreachable", scene.output)
    assert not scene.asked()


def test_a_listener_that_speaks_something_else(scene: Scene) -> None:
    """Somebody answers in no TLS at all: refused at once."""

    def talk(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(100)
            connection.sendall(b"220 mail.example ESMTP\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=talk, args=(server,))
        thread.start()
        point_to(scene, f"127.0.0.1:{server.getsockname()[1]}")
        assert_failed(scene.ask(), 4, "certificate_refused", scene.output)
        thread.join(10)
    assert not scene.asked()


def _other(signed: Signed) -> Signed:
    return Signed(payload=signed.payload + b"x", signature=signed.signature)


def _first_only(responses: Iterator[EvaluateResponse]) -> Iterator[EvaluateResponse]:
    yield next(responses)
    responses.close()  # type: ignore[attr-defined]


def _all_but_last(responses: Iterator[EvaluateResponse]) -> Iterator[EvaluateResponse]:
    first, *rest = list(responses)
    yield from [first, *rest][:-1]


def _garbage_receipt(responses: Iterator[EvaluateResponse]) -> Iterator[EvaluateResponse]:
    list(responses)
    yield EvaluateResponse(receipt=Signed(payload=b"\xff\xff\xff", signature=bytes(64)))


def _nothing(responses: Iterator[EvaluateResponse]) -> Iterator[EvaluateResponse]:
    list(responses)
    yield from ()


def _swapped_elements(responses: Iterator[EvaluateResponse]) -> Iterator[EvaluateResponse]:
    for response in responses:
        if response.evaluated:
            response.evaluated = response.evaluated[32:] + response.evaluated[:32]
        yield response


def _breaks(responses: Iterator[EvaluateResponse]) -> Iterator[EvaluateResponse]:
    yield next(responses)
    raise RuntimeError("a defect of the other side")


def _other_key(response: GetEpochKeyResponse) -> GetEpochKeyResponse:
    return GetEpochKeyResponse(epoch_key=_other(response.epoch_key))


def _half_a_tag_set(responses: Iterator[FetchTagSetResponse]) -> Iterator[FetchTagSetResponse]:
    yield next(responses)


def _unsorted_tag_set(responses: Iterator[FetchTagSetResponse]) -> Iterator[FetchTagSetResponse]:
    for response in responses:
        if response.additions:
            response.additions = response.additions[10:] + response.additions[:10]
        yield response


def _longer_entries(responses: Iterator[FetchTagSetResponse]) -> Iterator[FetchTagSetResponse]:
    for response in responses:
        response.entry_size = 11
        yield response


class Liar(NamedTuple):
    """A requester that remembers nothing of this epoch, and a false provider that runs."""

    scene: Scene
    fake: FakeProvider


@pytest.fixture(scope="module")
def running_fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Liar]:
    """One false provider for many lies."""
    folder = tmp_path_factory.mktemp("false")
    requester, provider = prepared_pair(folder)
    with fake_provider(provider) as fake:
        yield Liar(Scene(requester, provider, folder), fake)


@pytest.fixture
def liar(running_fake: Liar) -> Liar:
    """Honest as yet."""
    running_fake.fake.be_honest()
    for forget in ("DELETE FROM own_tags", "DELETE FROM peer_tag_set", "DELETE FROM pinned_key"):
        running_fake.scene.requester.change(forget)
    running_fake.scene.output.unlink(missing_ok=True)
    return running_fake


@pytest.mark.parametrize(
    ("part", "change", "exit_code", "code"),
    [
        ("evaluations", _first_only, 5, "peer_dropped"),
        ("evaluations", _all_but_last, 5, "peer_dropped"),
        ("evaluations", _nothing, 5, "peer_dropped"),
        ("evaluations", _garbage_receipt, 4, "signature_invalid"),
        ("evaluations", _swapped_elements, 4, "receipt_mismatch"),
        ("evaluations", _breaks, 4, "malformed"),
        ("keys", _other_key, 4, "signature_invalid"),
        ("tag_sets", _half_a_tag_set, 4, "tag_set_invalid"),
        ("tag_sets", _unsorted_tag_set, 4, "tag_set_invalid"),
        ("tag_sets", _longer_entries, 4, "tag_set_invalid"),
    ],
)
def test_a_false_provider_is_not_believed(
    liar: Liar, part: str, change: Callable[..., object], exit_code: int, code: str
) -> None:
    """A provider that truncates, swaps, garbles or makes up a part of its answer is not believed."""
    setattr(liar.fake, part, change)
    assert_failed(liar.scene.ask(), exit_code, code, liar.scene.output)


def test_a_receipt_with_laxer_obligations(liar: Liar) -> None:
    """A provider that drops a condition of the agreement from its receipt, well signed, is not believed."""
    with Node.open(liar.scene.provider.config) as node:
        key = node.secrets.signing_key

    def lax(responses: Iterator[EvaluateResponse]) -> Iterator[EvaluateResponse]:
        for response in responses:
            if response.HasField("receipt"):
                receipt = Receipt.FromString(response.receipt.payload)
                receipt.obligations.result_retention_days += 1
                response.receipt.CopyFrom(sign(receipt, key))
            yield response

    liar.fake.evaluations = lax
    assert_failed(liar.scene.ask(), 4, "obligation_dropped", liar.scene.output)


def test_a_provider_that_is_honest_again(liar: Liar) -> None:
    """What a false provider said leaves no trace: asked again, an honest one is believed."""
    liar.fake.evaluations = _all_but_last
    assert liar.scene.ask().code == 5
    liar.fake.be_honest()
    liar.fake.tag_sets = _unsorted_tag_set
    assert liar.scene.ask().code == 4
    liar.fake.be_honest()
    assert liar.scene.ask().code == 0
    assert len(hits_in(liar.scene.output)) == len(PEOPLE)


def test_interrupting_a_question_to_a_slow_provider(scene: Scene) -> None:
    """A provider that takes its time: Ctrl-C ends the command within seconds, and the question can be taken up."""
    silence, reached = threading.Event(), threading.Event()

    def slow(responses: Iterator[EvaluateResponse]) -> Iterator[EvaluateResponse]:
        yield next(responses)
        reached.set()
        silence.wait(60)

    with fake_provider(scene.provider) as fake:
        fake.evaluations = slow
        arguments = [
            "--agreement",
            "shared-clients",
            "--output",
            scene.output,
            "--config",
            scene.requester.config,
        ]
        process = subprocess.Popen(
            [COMMAND, "match", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert reached.wait(20)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=15)
        silence.set()
        assert process.returncode == 130, said
        fake.be_honest()
        assert not scene.output.exists()
        (query,) = scene.requester.did("queries", "list", "--json").json
        scene.requester.did("queries", "resume", query["query_id"])
        scene.requester.did("queries", "results", query["query_id"], "--output", scene.output)
    assert len(hits_in(scene.output)) == len(PEOPLE)


# --- the node's own surroundings


def test_a_port_in_use(scene: Scene) -> None:
    """`serve` on a taken port says so and ends; the first one serves on."""
    scene.provider.start()
    second = scene.provider.popen()
    out, _ = second.communicate(timeout=30)
    assert (second.returncode, out) == (3, "")
    assert "port_in_use" in scene.provider.said()
    assert scene.provider.address in scene.provider.said()
    assert scene.ask().code == 0


@pytest.mark.slow
def test_locked_databases(scene: Scene) -> None:
    """A database that somebody else holds, here or there: a clear refusal, and afterwards all is well."""
    shutil.copytree(scene.requester.folder, scene.folder / "second")
    second = LiveNode(scene.folder / "second" / "node.yaml")
    scene.provider.start()
    assert second.match(scene.folder / "second.csv").code == 0
    (scene.folder / "second.csv").unlink()
    engines = [
        create_engine(f"sqlite:///{node.folder / 'node.db'}") for node in (scene.requester, scene.provider)
    ]
    with ThreadPoolExecutor(2) as pool:
        connections = [engine.raw_connection() for engine in engines]
        for connection in connections:
            connection.cursor().execute("BEGIN IMMEDIATE")
        here = pool.submit(scene.ask)
        there = pool.submit(second.match, scene.folder / "second.csv")
        assert_failed(here.result(60), 6, "storage_locked", scene.output)
        assert_failed(there.result(60), 5, "storage_locked", scene.folder / "second.csv")
        for connection in connections:
            connection.rollback()
            connection.close()
    for engine in engines:
        engine.dispose()
    assert scene.ask().code == 0
    assert second.match(scene.folder / "second.csv").code == 0


def test_no_evidence_no_answer(scene: Scene) -> None:
    """A provider that cannot write its evidence answers nothing and charges nothing; a requester does not even ask."""
    scene.provider.start()
    scene.provider.change(BLOCK_EVIDENCE)
    assert_failed(scene.ask(), 5, "evidence_unwritable", scene.output)
    assert scene.provider.budget() == 0
    scene.provider.change("DROP TRIGGER no_evidence")
    scene.requester.change(BLOCK_EVIDENCE)
    events = len(scene.provider.evidence())
    assert_failed(scene.ask(), 6, "evidence_unwritable", scene.output)
    assert len(scene.provider.evidence()) == events
    scene.requester.change("DROP TRIGGER no_evidence")
    assert scene.ask().code == 0
    assert len(hits_in(scene.output)) == len(PEOPLE)


def test_an_output_that_cannot_be(scene: Scene) -> None:
    """A directory, a device, or a place that is not there, as output: told before anything is asked."""
    os.mkfifo(scene.folder / "pipe")
    (scene.folder / "dir").mkdir()
    places = {
        scene.folder / "dir": "file_is_directory",
        scene.folder / "pipe": "file_not_regular",
        scene.folder / "nowhere" / "out.csv": "file_unwritable",
    }
    for place, code in places.items():
        ran = scene.requester.match(place)
        assert (ran.code, code in ran.err) == (3, True), ran
    assert not scene.asked()
    assert (scene.folder / "pipe").is_fifo()
    assert scene.requester.did("queries", "list", "--json").json == []


@pytest.fixture
def many(scene: Scene) -> Path:
    """A file of persons whose results take a hundred kilobytes."""
    file = scene.folder / "persons.csv"
    rows = [f"{'r' * 100}{at};{PEOPLE[at % len(PEOPLE)]}\n" for at in range(900)]
    file.write_text("record_ref;bsn\n" + "".join(rows))
    return file


def test_a_full_disk(scene: Scene, many: Path) -> None:
    """No room for the results: told, an older file stays as it was, and they can be had without asking again."""
    small, older = scene.folder / "small", ",".join(HIT_HEADER)
    small.mkdir()
    script = (
        f"mount -t tmpfs -o size=48k none {small} && echo {older} >{small}/out.csv;"
        f' "$@"; echo "code $?, left $(ls -A {small}): $(cat {small}/out.csv)"'
    )
    wrapper = ["unshare", "-rm", "sh", "-c", script, "sh"]
    tried = subprocess.run([*wrapper, "true"], capture_output=True, text=True, check=False)
    if tried.stdout != f"code 0, left out.csv: {older}\n":
        pytest.skip("this machine lets nobody mount a small file system")
    scene.provider.start()
    ran = scene.requester.cli(
        "match", "--agreement", "shared-clients", "--output", small / "out.csv", "--persons", many,
        wrapper=wrapper,
    )  # fmt: skip
    assert ran.out == f"code 6, left out.csv: {older}\n", ran
    assert "storage_full" in ran.err, ran
    assert "queries results" in ran.err
    charged = scene.provider.budget()
    (query,) = scene.requester.did("queries", "list", "--json").json
    scene.requester.did("queries", "results", query["query_id"], "--output", scene.output)
    assert len(hits_in(scene.output)) == 900
    assert scene.provider.budget() == charged


def test_a_server_without_its_secrets(scene: Scene) -> None:
    """A node whose sealing key is another one says so and does not serve."""
    key = scene.provider.folder / "keys" / "seal.key"
    key.write_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
    process = scene.provider.popen()
    with closing(process.stdout):  # type: ignore[type-var]
        assert first_line(process) == ""
        assert process.wait(30) == 6
    assert "secret_unreadable" in scene.provider.said()
