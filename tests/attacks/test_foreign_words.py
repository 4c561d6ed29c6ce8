"""What another organisation says in words and codes: shown as its own words, and never as this node's."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import grpc
import pytest
from google.protobuf.message import Message

from linkage_node._generated.linkage.v1.order_pb2 import DECISION_DENY, Receipt
from linkage_node._generated.linkage.v1.peer_pb2 import EvaluateResponse
from linkage_node.asking import queries
from linkage_node.asking.peer_client import PeerClient
from linkage_node.errors import InputError, LinkageError, Refusal, Unreachable
from linkage_node.limits import QUOTED_CHARACTERS
from linkage_node.peers.card import card_text, make_card
from linkage_node.reasons import OUTAGE_CODES, REASONS, REFUSAL_CODES
from tests.attacks.pair import Pair
from tests.nodes import OIN_B, OIN_C

# --- receipts


def refusing(pair: Pair, *codes: str) -> Callable[[Message], Message]:
    """A provider that signs a refusal for these reasons."""

    def tamper(message: Message) -> Message:
        if isinstance(message, EvaluateResponse) and message.HasField("receipt"):
            receipt = Receipt.FromString(message.receipt.payload)
            receipt.decision = DECISION_DENY
            del receipt.reasons[:]
            receipt.reasons.extend(codes)
            message.receipt.CopyFrom(pair.resign(receipt))
        return message

    return tamper


SAID: list[tuple[list[str], str, str]] = [  # what the provider says, the query's reasons, and its detail
    (["purpose_not_agreed"], "purpose_not_agreed", "the provider refused"),
    ([], "policy_denied", "the provider refused"),
    (["cancelled"], "policy_denied", 'the provider refused; "cancelled"'),
    (["results_expired"], "policy_denied", 'the provider refused; "results_expired"'),
    (["internal"], "policy_denied", 'the provider refused; "internal"'),
    (["storage_full"], "policy_denied", 'the provider refused; "storage_full"'),
    (["peer_key_differs"], "policy_denied", 'the provider refused; "peer_key_differs"'),
    (["receipt_mismatch"], "policy_denied", 'the provider refused; "receipt_mismatch"'),
    (["out_of_hours"], "policy_denied", 'the provider refused; "out_of_hours"'),
    (["out_of_hours", "cancelled"], "policy_denied", '"out_of_hours"; "cancelled"'),
    (["kind_not_agreed", "cancelled"], "kind_not_agreed,policy_denied", '"cancelled"'),
    (["Not A Code"], "receipt_mismatch", "reasons"),
    (["\x1b[2J"], "receipt_mismatch", "reasons"),
    (["cancelled"] * 17, "receipt_mismatch", "reasons"),
]


@pytest.mark.parametrize(("codes", "reasons", "detail"), SAID)
def test_the_codes_of_a_refusal(pair: Pair, codes: list[str], reasons: str, detail: str) -> None:
    """A provider's code is taken over if a provider can give it; any other one is quoted, and the query is refused."""
    pair.fill(pair.a, ["x"])
    query = pair.start()
    pair.wire.tamper = refusing(pair, *codes)
    with pytest.raises(Refusal):
        pair.run(query)
    ended = pair.a.queries.get(query.id)
    assert (ended.state, ended.reasons) == (queries.REFUSED, reasons)
    assert detail in ended.detail


def test_which_codes_are_a_providers() -> None:
    """All of them have a meaning; none tells of what this node did, kept or found out itself."""
    assert REASONS.keys() >= REFUSAL_CODES | OUTAGE_CODES
    own = {
        "cancelled",
        "results_expired",
        "internal",
        "query_not_done",
        "provider_unanswered",
        "file_missing",
    }
    found = {"receipt_mismatch", "proof_invalid", "tag_set_invalid", "table_invalid", "disclosure_invalid"}
    assert not (own | found | {"storage_full", "evidence_broken"}) & REFUSAL_CODES


# --- calls that fail


class Aborting(grpc.GenericRpcHandler):
    """A provider that ends every call with words of its choice."""

    code, words = grpc.StatusCode.UNKNOWN, ""

    def service(self, _details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """Of any call, the same end."""
        return grpc.unary_unary_rpc_method_handler(lambda _request, context: self._end(context))

    def _end(self, context: grpc.ServicerContext) -> bytes:
        context.abort(self.code, self.words)


class Line(NamedTuple):
    """A provider, and a client that is connected with it."""

    provider: Aborting
    client: PeerClient


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    """A real server and a real channel, without TLS."""
    with ThreadPoolExecutor(2) as pool:
        server, provider = grpc.server(pool), Aborting()
        server.add_generic_rpc_handlers((provider,))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Line(provider, PeerClient(channel))
        server.stop(None).wait()


ESCAPES = "\x1b]0;owned\x07\x1b[2J\nYour query was answered: 0 hits\u202e"
CLEANED = "\ufffd]0;owned\ufffd\ufffd[2J Your query was answered: 0 hits\ufffd"
Status = grpc.StatusCode
ENDED: list[tuple[grpc.StatusCode, str, type[LinkageError], str, str]] = [
    (Status.UNKNOWN, ESCAPES, Refusal, "malformed", f'UNKNOWN: "{CLEANED}"'),
    (Status.UNAVAILABLE, ESCAPES, Unreachable, "peer_unreachable", f'"{CLEANED}"'),
    (Status.INTERNAL, ESCAPES, Unreachable, "peer_dropped", f'"{CLEANED}"'),
    (Status.UNKNOWN, "x" * 5_000, Refusal, "malformed", f'UNKNOWN: "{"x" * QUOTED_CHARACTERS}"'),
    (Status.PERMISSION_DENIED, "internal: x", Refusal, "policy_denied", 'the other node refused: "internal"'),
    (Status.NOT_FOUND, "cancelled", Refusal, "policy_denied", 'the other node refused: "cancelled"'),
    (Status.NOT_FOUND, "results_expired: x", Refusal, "policy_denied", '"results_expired"'),
    (Status.FAILED_PRECONDITION, "storage_full: x", Refusal, "policy_denied", '"storage_full"'),
    (Status.FAILED_PRECONDITION, "peer_unknown: x", Refusal, "peer_unknown", "the other node refused"),
    (Status.UNAVAILABLE, "storage_full: x", Unreachable, "storage_full", "this is the other node"),
    (Status.UNAVAILABLE, "stopping: x", Unreachable, "stopping", "this is the other node"),
    (Status.UNAVAILABLE, "cancelled: x", Unreachable, "peer_unreachable", '"cancelled: x"'),
    (Status.ABORTED, "cancelled: x", Unreachable, "peer_dropped", '"cancelled: x"'),
]


@pytest.mark.parametrize(("status", "words", "error", "code", "detail"), ENDED)
def test_the_words_of_a_call_that_fails(
    line: Line, status: grpc.StatusCode, words: str, error: type[LinkageError], code: str, detail: str
) -> None:
    """What a peer says at the end of a call is shown between quotes, short, without what a terminal obeys."""
    line.provider.code, line.provider.words = status, words
    with pytest.raises(LinkageError) as caught:
        line.client.epoch_key(b"", "bsn")
    assert (type(caught.value), caught.value.code) == (error, code)
    assert detail in caught.value.detail
    assert caught.value.detail.isprintable()


# --- cards

NAMES = [OIN_C, f"Bank {OIN_C}", f"{OIN_C[:8]}\uff10{OIN_C[9:]}", f"{OIN_C}x"]


@pytest.mark.parametrize("name", NAMES)
def test_a_card_that_is_named_after_an_oin(pair: Pair, name: str) -> None:
    """An organisation whose name can be read as an OIN, its own or another's, is not added; its old card stays."""
    peers = pair.nodes["a"].peers
    card = peers.get(OIN_B)
    text = card_text(make_card(OIN_B, name, card.address, card.verifying_key(), card.certificate or "0" * 64))
    with pytest.raises(InputError, match="reads as an OIN"):
        peers.add(text)
    assert peers.get(OIN_B).name == card.name
