"""Attributes and reports between two real nodes: a server in a process of its own, gRPC, mutual TLS."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from linkage_node.asking import peer_client
from linkage_node.asking.intake import Wish
from linkage_node.assembly import Assembly
from linkage_node.errors import Refusal
from linkage_node.limits import DISCLOSED_ENTRIES
from linkage_node.node import Node
from linkage_node.pseudonyms.parallel import local_executor
from tests.integration.world import AGREEMENT, LiveNode, make_pair
from tests.registers import test_bsns as numbers_for_tests
from tests.registers import write_csv

HITS = 2 * DISCLOSED_ENTRIES + 5  # several messages in one order
PEOPLE = numbers_for_tests()[: HITS + 5]
TERMS = {
    "answers": ["hit", "attributes"],
    "receipts": True,
    "attributes": {"names": ["desk", "phone"], "largest": HITS, "per_token": 1},
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveNode, LiveNode]]:
    """A requester whose server is not needed, and a provider whose server runs; most clients are shared."""
    requester, provider = make_pair(tmp_path_factory.mktemp("live"), **TERMS)
    requester.load((f"r{at}", bsn) for at, bsn in enumerate(PEOPLE))
    rows = [(f"f{at}", bsn, f"desk {at}", f"phone {at}", "never") for at, bsn in enumerate(PEOPLE[:HITS])]
    source = write_csv(provider.folder.with_name("told.csv"), ("ref", "bsn", "desk", "phone", "other"), rows)
    mapping = provider.folder.with_name("told.yaml")
    mapping.write_text(
        "identifiers: {bsn: bsn}\nrecord_ref: ref\nattributes: {desk: desk, phone: phone, other: other}\n"
    )
    provider.did("register", "load", source, "--mapping", mapping)
    provider.start()
    yield requester, provider
    provider.kill()


def test_over_the_line(provider: tuple[LiveNode, LiveNode], monkeypatch: pytest.MonkeyPatch) -> None:
    """Hits are reported, and attributes told, in several messages; all of it is on record."""
    monkeypatch.setattr(peer_client, "_REPORT_BYTES", 16 * 7)
    requester, answers = provider
    config: Path = requester.config
    with (
        Node.open(config) as node,
        local_executor() as executor,
        closing(Assembly(node, executor)) as assembly,
    ):
        wish = Wish(AGREEMENT, answer="attributes", case_reference="zaak 1")
        query = assembly.intake.about_register(wish, "cli").only
        done = assembly.runner.run(query.id, lambda _query: None, lambda: False)
        told = assembly.queries.attributes_of(done.id, assembly.clock())
        again = assembly.intake.about_register(wish, "cli").only
        assembly.runner.run(again.id, lambda _query: None, lambda: False)
        exhausted = assembly.queries.attributes_of(again.id, assembly.clock())
        bad = assembly.intake.about_register(wish._replace(purpose="Another"), "cli").only
        with pytest.raises(Refusal, match="purpose_not_agreed"):
            assembly.runner.run(bad.id, lambda _query: None, lambda: False)
    assert done.hits == HITS
    assert {ref: one.records for ref, one in told.items()} == {
        f"r{at}": ({"desk": f"desk {at}", "phone": f"phone {at}"},) for at in range(HITS)
    }
    assert {one.withheld for one in exhausted.values()} == {"disclosure_limit"}
    recorded = answers.did("disclosures", "list", "--json").json
    days = {one["at"][:10] for one in recorded if one["answer"] == "hit"}  # a hit is on record once a day
    assert [one["answer"] for one in recorded[: 2 * HITS]] == ["hit"] * HITS + ["attributes"] * HITS
    assert len(recorded) == HITS * (len(days) + 1)
    assert len(answers.did("disclosures", "list", "--json", "--record-ref", "f3").json) == len(days) + 1
    answers.did("evidence", "verify")
    requester.did("evidence", "verify")
