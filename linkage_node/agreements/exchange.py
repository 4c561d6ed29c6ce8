"""Two nodes tell each other what their organisations signed: each brings its own, and gets the other's back.

What ended an agreement is told whoever signed it, until the agreement would be over: a node that was restored from a
backup has forgotten its own revocations too. Of texts that were replaced or removed here nothing else is told or heard.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from linkage_node._generated.linkage.v1.peer_pb2 import (
    AgreementSignatures,
    ExchangeSignaturesRequest,
    ExchangeSignaturesResponse,
)
from linkage_node.agreements.model import Agreement, content_hash
from linkage_node.agreements.pace import Pace, work_of
from linkage_node.agreements.signatures import Signature, check_node, check_sender, check_signer, read
from linkage_node.agreements.signing import Signing
from linkage_node.agreements.store import AgreementStore
from linkage_node.clock import now_ms
from linkage_node.errors import LinkageError, Refusal
from linkage_node.limits import (
    SIGNATURES_IN_ONE_CALL,
    SIGNATURES_IN_ONE_ROUND,
    SIGNATURES_OF_ONE,
    SIGNATURES_PER_MINUTE,
    SIGNATURES_ROUND_SECONDS,
)
from linkage_node.matching.signing import refuse_unknown_fields
from linkage_node.peers.card import Card, PeerStore

if TYPE_CHECKING:
    from linkage_node.asking.peer_client import PeerClient
    from linkage_node.node import Node

Connect = Callable[[Card], AbstractContextManager["PeerClient"]]


class Exchanged(NamedTuple):
    """What came of a call, by content hash."""

    delivered: frozenset[bytes]  # agreements of which the partner took the own signatures
    received: list[Signature]  # that are new here
    faults: dict[bytes, LinkageError]  # what one of the two sides has against the other's signatures


class SignatureExchange:
    """The node's side of the exchange, called and calling.

    `connect` opens a line to a partner; `clock` gives seconds that only go up.
    """

    def __init__(
        self,
        *,
        oin: str,
        agreements: AgreementStore,
        peers: PeerStore,
        signing: Signing,
        connect: Connect,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._oin, self._agreements, self._peers = oin, agreements, peers
        self._signing, self._connect, self._clock = signing, connect, clock
        self._pace = Pace(SIGNATURES_PER_MINUTE, clock)
        self._next: dict[str, bytes | None] = {}  # by partner: where a call stopped that was not done

    @classmethod
    def of(cls, node: "Node", connect: Connect) -> "SignatureExchange":
        """That of an opened node."""
        return cls(
            oin=node.config.oin,
            agreements=node.agreements,
            peers=node.peers,
            signing=Signing.of(node),
            connect=connect,
        )

    def answer(self, request: ExchangeSignaturesRequest, caller_oin: str) -> ExchangeSignaturesResponse:
        """Take in what the caller tells, and tell the same. Nothing is told of agreements that are not his.

        Refusal("too_many_calls"), before anything else is looked at; Refusal("signature_by_third_party") for an
        approval that is not the caller's, or what is wrong with it.
        """
        if not self._ends_one(request, caller_oin):
            self._pace.spend(caller_oin, work_of(one.jws for one in request.signatures))
        refuse_unknown_fields(request)
        asked = _bounded(request.signatures)
        for one in asked:  # also of agreements that are not known here: the answer is no way to find that out
            for text in one.jws:
                check_sender(read(text, one.agreement_hash), caller_oin, self._oin)
        response = ExchangeSignaturesResponse()
        for one in asked:
            agreement = self._shared(one.agreement_hash, caller_oin)
            if agreement is None:
                continue
            if heard := self._signing.heard(agreement, one.jws):
                self._signing.take_in(agreement, heard)
                response.taken.append(one.agreement_hash)
            told = AgreementSignatures(agreement_hash=one.agreement_hash, jws=self._told(agreement))
            response.signatures.append(told)
        return response

    def _ends_one(self, request: ExchangeSignaturesRequest, caller_oin: str) -> bool:
        """The caller's own node rejects or revokes one agreement: that is heard at any pace, or whoever stole one of an
        organisation's certificates could keep its revocations out."""
        if len(request.signatures) != 1 or not 0 < len(request.signatures[0].jws) <= SIGNATURES_OF_ONE:
            return False
        (one,) = request.signatures
        try:
            key = self._peers.get(caller_oin).verifying_key()
            for text in one.jws:
                signature = read(text, one.agreement_hash)
                check_signer(signature, frozenset({caller_oin}))
                check_node(signature, key)
                if signature.type == "accept":
                    return False
        except Refusal:
            return False
        return True

    def partners(self) -> dict[str, bool]:
        """Whom to call: the other parties that this node knows, and whether they lack something."""
        waiting = self._agreements.signatures.undelivered(self._oin)
        known = {card.oin for card in self._peers.list()}
        found: dict[str, bool] = {}
        for agreement in self._agreements.list_all():
            partner, content = agreement.partner_of(self._oin).oin, content_hash(agreement)
            if partner in known and (content in waiting or now_ms() < agreement.ends_at_ms):
                found[partner] = found.get(partner, False) or content in waiting
        return found

    def call(self, partner_oin: str) -> Exchanged:
        """Bring a partner what it lacks, and ask for what it signed. Refusal, Unreachable: it was not reached.

        What ended an agreement is brought again if the partner tells nothing of it. No more than
        SIGNATURES_IN_ONE_ROUND at once, in SIGNATURES_ROUND_SECONDS: the next call goes on where this one stopped.
        Whatever a partner answers, it is asked again about an agreement once.
        """
        waiting = self._agreements.signatures.undelivered(self._oin)
        shared = {
            content_hash(one): one
            for one in self._agreements.list_all()
            if partner_oin in one.parties and (content_hash(one) in waiting or now_ms() < one.ends_at_ms)
        }
        faults: dict[bytes, LinkageError] = {}
        delivered: set[bytes] = set()
        received: list[Signature] = []
        loads = _loads(shared, waiting, self._next.get(partner_oin))
        again: set[bytes] = set()

        def once_more(load: dict[bytes, list[str]]) -> None:
            if not load.keys() & again:
                loads.append(load)
                again.update(load)

        ends_at = self._clock() + SIGNATURES_ROUND_SECONDS
        with self._connect(self._peers.get(partner_oin)) as client:
            left = SIGNATURES_IN_ONE_ROUND
            while loads and (left := left - work_of(loads[0].values())) >= 0 and self._clock() < ends_at:
                load = loads.pop(0)
                try:
                    response = client.exchange_signatures(load)
                except Refusal as refusal:
                    faults |= dict.fromkeys(load, refusal)
                    if refusal.code == "too_many_calls":
                        loads.insert(0, load)  # it goes first in the next call
                        break
                    if refusal.code == "signature_final" and any(load.values()):
                        once_more(
                            {content: [] for content in load}
                        )  # an approval of what ended: what ended it?
                    continue
                for content in load.keys() & set(response.taken):
                    self._agreements.signatures.delivered(self._oin, content, load[content], now_ms())
                    delivered.add(content)
                    faults.pop(content, None)  # it had told an approval of what it now knows to have ended
                received += self._taken_in(response, {one: shared[one] for one in load}, faults)
                for one in response.signatures:
                    content, forgotten = one.agreement_hash, self._what_ended(shared[one.agreement_hash])
                    if set(forgotten) - {*one.jws, *load[content]}:
                        once_more({content: forgotten})
        later = Refusal("too_many_calls", "the node brings it in one of its next rounds")
        faults |= {content: later for load in loads for content, texts in load.items() if texts}
        self._next[partner_oin] = next(iter(loads[0])) if loads else None
        return Exchanged(frozenset(delivered), received, faults)

    def _taken_in(
        self,
        response: ExchangeSignaturesResponse,
        asked: dict[bytes, Agreement],
        faults: dict[bytes, LinkageError],
    ) -> list[Signature]:
        refuse_unknown_fields(response)
        new: list[Signature] = []
        for one in _bounded(response.signatures):
            agreement = asked.get(one.agreement_hash)
            if agreement is None:
                raise Refusal("malformed", "signatures that were not asked for")
            try:
                new += self._signing.take_in(agreement, one.jws)
            except Refusal as refusal:
                faults[one.agreement_hash] = refusal
        return new

    def _told(self, agreement: Agreement) -> list[str]:
        content = content_hash(agreement)
        if not self._agreements.has(content):
            return self._what_ended(agreement)
        return self._agreements.signatures.for_partner(self._oin, content, agreement.parties)

    def _what_ended(self, agreement: Agreement) -> list[str]:
        return self._agreements.signatures.what_ended(content_hash(agreement), agreement.parties)

    def _shared(self, content: bytes, caller_oin: str) -> Agreement | None:
        try:
            agreement = self._agreements.get_any(content)
        except Refusal:
            return None
        return agreement if agreement.partner_of(self._oin).oin == caller_oin else None


def _loads(
    shared: Collection[bytes], waiting: Mapping[bytes, list[str]], first: bytes | None
) -> list[dict[bytes, list[str]]]:
    """What is to be said to a partner, a call each; that with `first` goes first, and the others follow it around."""
    # what is brought goes by itself, so that a refusal says which agreement it is about
    loads = [{content: texts} for content, texts in waiting.items() if content in shared]
    rest = [content for content in shared if content not in waiting]
    for at in range(0, len(rest), SIGNATURES_IN_ONE_CALL):
        loads.append({content: [] for content in rest[at : at + SIGNATURES_IN_ONE_CALL]})
    begin = next((at for at, load in enumerate(loads) if first in load), 0)
    return loads[begin:] + loads[:begin]


def _bounded(signatures: Iterable[AgreementSignatures]) -> Sequence[AgreementSignatures]:
    """Refusal("malformed") for more than one call holds, or an agreement that stands twice."""
    found = list(signatures)
    if len(found) > SIGNATURES_IN_ONE_CALL or len({one.agreement_hash for one in found}) != len(found):
        raise Refusal("malformed", f"more than {SIGNATURES_IN_ONE_CALL} agreements, or one twice")
    if any(len(one.jws) > SIGNATURES_OF_ONE for one in found):
        raise Refusal("malformed", f"more than {SIGNATURES_OF_ONE} signatures under one agreement")
    return found
