"""Two nodes for the bench: a requester and a provider with registers that overlap by half."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from linkage_node.clock import now_ms
from linkage_node.limits import BENCH_SECONDS, COUNT_TRAPS
from linkage_node.node import Node
from linkage_node.pseudonyms import pseudonymise
from linkage_node.pseudonyms.parallel import local_executor
from linkage_node.register.root import register_root
from linkage_node.register.staging import Staged
from linkage_node.register.store import RegisterStore

REQUESTER, PROVIDER = "00000099000000010000", "00000099000000020000"
AGREEMENT = "bench"
KIND = "bsn"
QUESTION = "shared"
_BATCH = 50_000  # records lifted at a time, so that preparing has no peak of its own


class Host:
    """A running node."""

    def __init__(self, config: Path) -> None:
        self.config = config
        command = [sys.executable, "-m", "linkage_node.bench.host", str(config)]
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._read()

    def do(self, what: str, **values: Any) -> dict[str, Any]:
        """Let the node do something; what came of it, and what the process has used so far."""
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        self._process.stdin.write(json.dumps({"do": what, **values}) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the node of {self.config} ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """Stop the node."""
        self._process.communicate(timeout=BENCH_SECONDS)


class Pair:
    """Two prepared nodes: half of the requester's records are the provider's too.

    With `counting` so many are the requester's, and the two agreed on counts in place of hits.
    """

    def __init__(self, folder: Path, records: int, changes: int, counting: int = 0) -> None:
        self.records, asking = records, counting or records
        self._configs = {name: folder / name / "node.yaml" for name in ("requester", "provider")}
        _make(folder, self._configs, changes, _counts(counting, records) if counting else _hits(records))
        self.fill("requester", range(asking))
        self.fill("provider", range(asking // 2, asking // 2 + records))

    def fill(self, name: str, people: range, first_record: int = 0) -> None:
        """Give record number `first_record` and following to these people."""
        with Node.open(self._configs[name]) as node, local_executor() as executor:
            store, secrets = RegisterStore(node.database, node.sealer), node.secrets
            for start in range(0, len(people), _BATCH):
                batch = people[start : start + _BATCH]
                # not identifiers: numbers with a letter before them are nobody's BSN
                values = [b"b%d" % person for person in batch]
                packed = pseudonymise(KIND, values, secrets.domain_secret, secrets.register_scalar, executor)
                staged = (
                    Staged(
                        row, f"r{first_record + start + row}", None, {KIND: packed[row * 32 : row * 32 + 32]}
                    )
                    for row in range(len(batch))
                )
                store.upsert(staged, now_ms())
            register_root(node.database, KIND)  # as `register load` does

    @contextmanager
    def running(self) -> Iterator[tuple[Host, Host]]:
        """Both nodes running: requester, provider."""
        with ExitStack() as stack:
            hosts = []
            for config in self._configs.values():
                host = Host(config)
                stack.callback(host.stop)
                hosts.append(host)
            yield hosts[0], hosts[1]

    def config(self, name: str) -> Path:
        """The node.yaml of "requester" or "provider"."""
        return self._configs[name]


def _hits(records: int) -> str:
    return f"""\
answers: [hit]
limits: {{evaluations_per_day: {records * 4}, largest_query: {records * 2}}}"""


def _counts(asking: int, records: int) -> str:
    """Counting, in categories that travel with room for a few more, as an agreement would have it."""
    requester, provider = (people + people // 50 + 2 * COUNT_TRAPS for people in (asking, records))
    return f"""\
answers: [count]
limits: {{evaluations_per_day: {requester * 4}, largest_query: {requester}}}
count:
  requester_bucket: {requester}
  provider_bucket: {provider}
  questions: [{{id: {QUESTION}, epsilon: 1.0}}]"""


def _make(folder: Path, configs: dict[str, Path], changes: int, terms: str) -> None:
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.signing import Signing
    from linkage_node.bench.ports import free_ports
    from linkage_node.initialise import NewNode, initialise

    for (name, config), oin, port in zip(configs.items(), (REQUESTER, PROVIDER), free_ports(2), strict=True):
        initialise(
            NewNode(
                folder=config.parent,
                oin=oin,
                name=name,
                listen=f"127.0.0.1:{port}",
                address=None,
                mode="development",
                storage="sqlite:///node.db",
                sealing_key=None,
                domain_secret=folder / "domain.secret",
                certificates=folder / "dev-ca",
            )
        )
    cards = {name: (config.parent / "card.yaml").read_text() for name, config in configs.items()}
    # a few days ago, so that the clock can be moved within the first epoch
    begun = datetime.now(UTC).date() - timedelta(days=2)
    agreement = f"""
id: {AGREEMENT}
purpose: bench
purpose_category: intake
legal_basis: {{id: wgs-4a, article: "none: no person is in it"}}
requester: {{kind: municipality, oin: "{REQUESTER}"}}
provider: {{kind: credit_bank, oin: "{PROVIDER}"}}
kinds: [{KIND}]
valid_from: {begun}
valid_until: {begun + timedelta(days=365)}
tag_set: {{changes: {changes}}}
{terms}
"""
    with Node.open(configs["requester"]) as requester, Node.open(configs["provider"]) as provider:
        requester.peers.add(cards["provider"])
        provider.peers.add(cards["requester"])
        for node in (requester, provider):
            agreed = node.agreements.add(agreement)
            Signing.of(node).sign(agreed, "accept")
        content = content_hash(agreed)
        for node, other in ((requester, provider), (provider, requester)):
            theirs = other.agreements.signatures.for_partner(other.config.oin, content, agreed.parties)
            Signing.of(node).take_in(agreed, theirs)
