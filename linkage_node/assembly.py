"""Puts the parts of an opened node together: the provider's side, the requester's side, and what both share."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import cached_property, partial

from linkage_node.agreements import content_hash
from linkage_node.agreements.ending import destroy_ended
from linkage_node.agreements.exchange import SignatureExchange
from linkage_node.agreements.put_back import PutBack
from linkage_node.answering.admission import Admission, forget_expired
from linkage_node.answering.counting import CountingService
from linkage_node.answering.disclosing import DisclosingService
from linkage_node.answering.epochs import Epochs
from linkage_node.answering.epsilon import EpsilonLedger
from linkage_node.answering.noise import Noise, discrete_laplace
from linkage_node.answering.service import AnsweringService
from linkage_node.answering.tag_sets import TagSets
from linkage_node.asking.count_exchange import CountExchange
from linkage_node.asking.counting import Counting
from linkage_node.asking.deciding import Deciding
from linkage_node.asking.disclosing import Disclosing
from linkage_node.asking.exchange import Exchange
from linkage_node.asking.intake import Intake
from linkage_node.asking.memory import Memory
from linkage_node.asking.ordering import Ordering
from linkage_node.asking.peer_client import PeerClient
from linkage_node.asking.queries import QueryStore
from linkage_node.asking.runner import Runner
from linkage_node.asking.seeds import SeedKeeper
from linkage_node.asking.standing_runs import StandingQuestions
from linkage_node.clock import now_ms
from linkage_node.errors import Refusal, Unreachable
from linkage_node.evidence import EvidenceLog
from linkage_node.limits import CHANNEL_LIFETIME_SECONDS
from linkage_node.node import Node
from linkage_node.peers.card import Card
from linkage_node.peers.channel import open_channel
from linkage_node.pseudonyms import pseudonymise
from linkage_node.register.loader import Loader
from linkage_node.register.store import RegisterStore


class _Line:
    """One open channel, and how many use it."""

    def __init__(self, card: Card, client: PeerClient) -> None:
        self.card, self.client = card, client
        self.opened_at = time.monotonic()
        self.users = 0


class Channels:
    """Channels to peers, kept open between queries; one that failed or grew old is opened, and checked, anew."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()
        self._opening: dict[
            str, threading.Lock
        ] = {}  # for each peer: who is slow to connect holds up nobody else
        self._closed = False

    @contextmanager
    def connect(self, card: Card) -> Iterator[PeerClient]:
        """A client of the peer's node."""
        line = self._line(card)
        try:
            yield line.client
        except Refusal:
            raise  # the channel is as good as before
        except BaseException:
            with self._lock:
                if self._lines.get(card.oin) is line:
                    del self._lines[card.oin]
            raise
        finally:
            self._leave(line)

    def _line(self, card: Card) -> _Line:
        with self._lock:
            opening = self._opening.setdefault(card.oin, threading.Lock())
        with opening:
            line = self._known(card)
            if line is not None:
                return line
            fresh = _Line(card, PeerClient(open_channel(self._node.config, card)))
            fresh.users = 1
            with self._lock:
                if not self._closed:
                    old, self._lines[card.oin] = self._lines.get(card.oin), fresh
                    if old is not None and not old.users:
                        old.client.close()
                    return fresh
            fresh.client.close()
            raise Unreachable("stopping")

    def _known(self, card: Card) -> _Line | None:
        with self._lock:
            if self._closed:
                raise Unreachable("stopping")
            line = self._lines.get(card.oin)
            if line is None or line.card != card or _is_old(line):
                return None
            line.users += 1
            return line

    def _leave(self, line: _Line) -> None:
        with self._lock:
            line.users -= 1
            if not line.users and self._lines.get(line.card.oin) is not line:
                line.client.close()

    def close(self) -> None:
        """Close all, which ends the calls that are under way; no channel is opened after this."""
        with self._lock:
            self._closed = True
            lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            line.client.close()


def _is_old(line: _Line) -> bool:
    return time.monotonic() - line.opened_at > CHANNEL_LIFETIME_SECONDS


class Assembly:
    """The services of one node. `clock` gives milliseconds since 1970-01-01 UTC; `executor` runs group arithmetic;
    `noise` goes over the counts that the node tells."""

    def __init__(
        self,
        node: Node,
        executor: Executor,
        clock: Callable[[], int] = now_ms,
        noise: Noise = discrete_laplace,
    ) -> None:
        self.node, self.executor, self.clock, self.noise = node, executor, clock, noise
        database, sealer, secrets = node.database, node.sealer, node.secrets
        self.evidence = EvidenceLog.of(node)
        if node.active_policy is not None:
            node.active_policy.record_refusals()
        self.register = RegisterStore(database, sealer)
        self.epochs = Epochs(database, sealer, secrets.register_scalar)
        self.tag_sets = TagSets(database, sealer, self.register, executor)
        self.memory = Memory(database, sealer)
        self.queries = QueryStore(database, sealer)
        self.seeds = SeedKeeper(database, sealer, node.config.auditor_key)
        self.channels = Channels(node)

    @cached_property
    def admission(self) -> Admission:
        """What happens to every order of a peer first."""
        node = self.node
        return Admission(
            oin=node.config.oin,
            mode=node.config.mode,
            signing_key=node.secrets.signing_key,
            database=node.database,
            peers=node.peers,
            agreements=node.agreements,
            decide=node.decide,
            epochs=self.epochs,
            tag_sets=self.tag_sets,
            evidence=self.evidence,
            clock=self.clock,
        )

    @cached_property
    def answering(self) -> AnsweringService:
        """What the node answers to its peers."""
        node = self.node
        return AnsweringService(
            admission=self.admission,
            agreements=node.agreements,
            epochs=self.epochs,
            tag_sets=self.tag_sets,
            evidence=self.evidence,
            signing_key=node.secrets.signing_key,
            executor=self.executor,
            clock=self.clock,
        )

    @cached_property
    def counting(self) -> CountingService:
        """The counts that the node answers."""
        node = self.node
        return CountingService(
            admission=self.admission,
            ledger=EpsilonLedger(node.database, node.config.count.epsilon_per_year),
            database=node.database,
            sealer=node.sealer,
            evidence=self.evidence,
            signing_key=node.secrets.signing_key,
            register_scalar=node.secrets.register_scalar,
            noise=self.noise,
            executor=self.executor,
            clock=self.clock,
        )

    @cached_property
    def disclosing(self) -> DisclosingService:
        """The attributes that the node opens, and the hits that are reported to it."""
        node = self.node
        return DisclosingService(
            admission=self.admission,
            database=node.database,
            sealer=node.sealer,
            register=self.register,
            tag_sets=self.tag_sets,
            evidence=self.evidence,
            clock=self.clock,
        )

    @cached_property
    def loader(self) -> Loader:
        """Turns records into pseudonyms."""
        secrets = self.node.secrets
        pseudonyms = partial(
            pseudonymise,
            domain_secret=secrets.domain_secret,
            register_scalar=secrets.register_scalar,
            executor=self.executor,
        )
        production = self.node.config.mode == "production"
        return Loader(self.register, self.node.sealer, pseudonyms, production=production)

    @cached_property
    def intake(self) -> Intake:
        """Takes questions in: from the command line and from the organisation's systems."""
        return Intake(self.node, self.queries, self.executor, self.clock)

    @cached_property
    def runner(self) -> Runner:
        """Runs queries."""
        node = self.node
        deciding = Deciding(
            mode=node.config.mode, agreements=node.agreements, decide=node.decide, clock=self.clock
        )
        ordering = Ordering(
            signing_key=node.secrets.signing_key, memory=self.memory, seeds=self.seeds, clock=self.clock
        )
        exchange = Exchange(
            ordering=ordering,
            register_scalar=node.secrets.register_scalar,
            memory=self.memory,
            executor=self.executor,
        )
        counting = Counting(
            database=node.database,
            sealer=node.sealer,
            store=self.queries,
            peers=node.peers,
            deciding=deciding,
            ordering=ordering,
            exchange=CountExchange(
                ordering=ordering,
                register_scalar=node.secrets.register_scalar,
                executor=self.executor,
                clock=self.clock,
            ),
            connect=self.channels.connect,
            clock=self.clock,
        )
        return Runner(
            oin=node.config.oin,
            deciding=deciding,
            ordering=ordering,
            database=node.database,
            store=self.queries,
            memory=self.memory,
            register=self.register,
            peers=node.peers,
            agreements=node.agreements,
            evidence=self.evidence,
            exchange=exchange,
            disclosing=Disclosing(deciding=deciding, ordering=ordering),
            counting=counting,
            connect=self.channels.connect,
            clock=self.clock,
        )

    @cached_property
    def standing(self) -> StandingQuestions:
        """Questions that are put on a schedule."""
        node = self.node
        return StandingQuestions(
            database=node.database,
            sealer=node.sealer,
            store=self.queries,
            intake=self.intake,
            agreements=node.agreements,
            clock=self.clock,
        )

    @cached_property
    def signatures(self) -> SignatureExchange:
        """Signatures under agreements, exchanged with partners."""
        return SignatureExchange.of(self.node, self.channels.connect)

    @cached_property
    def put_back(self) -> PutBack:
        """Rejections and revocations that are in the evidence, and should be kept."""
        return PutBack(self.node.database, self.evidence, self.node.config.oin)

    def destroy_ended(self) -> None:
        """Destroy what belongs to agreements that were rejected or revoked, also what this process remembers of it."""
        ended = destroy_ended(self.node.database)
        for keeper in (self.epochs, self.tag_sets, self.memory):
            keeper.forget(ended)

    def housekeeping(self) -> None:
        """Destroy what is over: seeds of epochs, own tags, results, blinding seeds. Prepare the tag sets of now."""
        now = self.clock()
        self.destroy_ended()
        self.epochs.destroy_ended(now)
        self.memory.forget_removed()
        self.memory.forget_ended(now)
        self.tag_sets.forget_ended(now)
        self.standing.housekeeping()  # before what it gathers expires
        self.queries.expire(now)
        self.seeds.destroy_old(now)
        forget_expired(self.node.database, now)
        self.node.database.scrub()  # what a reader was in the way of last time
        own = self.node.config.oin
        agreements = self.node.agreements
        for agreement in agreements.list():
            if agreements.status(content_hash(agreement)) != "in_force":
                continue
            tells_tags = agreement.provider.oin == own and {"hit", "attributes"} & set(agreement.answers)
            if tells_tags and agreement.starts_at_ms <= now < agreement.ends_at_ms:
                for kind in agreement.kinds:
                    self.tag_sets.current(agreement, self.epochs.current(agreement, kind, now), now)

    def close(self) -> None:
        """Close what was opened here; the node and the executor are the caller's."""
        self.channels.close()
