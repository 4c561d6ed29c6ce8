"""A secret address between two nodes: neither asked about nor found, from the first load on or from a later one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, cast

import grpc
import pytest

from linkage_node._generated.linkage.v1 import system_pb2 as wire
from linkage_node._generated.linkage.v1.order_pb2 import ANSWER_HIT
from linkage_node.asking.intake import Wish
from linkage_node.asking.persons_file import read_persons
from linkage_node.assembly import Assembly
from linkage_node.errors import Refusal
from linkage_node.identifiers import KINDS
from linkage_node.register.mapping import Mapping
from linkage_node.server.jobs import Jobs
from linkage_node.server.query_service import QueryServicer
from linkage_node.server.register_service import RegisterServicer
from tests.attacks.pair import Pair, make_pair, opened
from tests.registers import test_bsns, write_csv

MAPPING = Mapping.model_validate(
    {
        "identifiers": {"bsn": "bsn", "household": {"postcode": "postcode", "house_number": "number"}},
        "record_ref": "ref",
        "address_secret": "secret",
    }
)
HEADER = ("ref", "bsn", "postcode", "number", "secret")
BSNS = test_bsns()
BY_ADDRESS = Wish("shared", kind="household")


class Client(NamedTuple):
    """A row of an administration."""

    ref: str
    bsn: str
    postcode: str
    number: str
    secret: str = "0"


ANNA, BRAM, CEES = (
    Client(ref, BSNS[at], f"{1234 + at}AB", "5") for at, ref in enumerate(("anna", "bram", "cees"))
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of two nodes, to be copied."""
    folder = tmp_path_factory.mktemp("nodes") / "template"
    folder.mkdir()
    make_pair(folder)
    return folder


@pytest.fixture
def pair(template: Path, tmp_path: Path) -> Iterator[Pair]:
    """Organisation A, which asks, and B, which answers; both know Anna, Bram and Cees."""
    with ThreadPoolExecutor(2) as executor, opened(template, tmp_path / "pair", executor) as made:
        for side in (made.a, made.b):
            load(made, side, ANNA, BRAM, CEES)
        yield made


def load(pair: Pair, side: Assembly, *clients: Client) -> None:
    """Load these clients into a node, as the command does."""
    side.loader.load_csv(write_csv(pair.folder / "x.csv", HEADER, clients), MAPPING)
    side.memory.forget_removed()


def ask(pair: Pair, wish: Wish = BY_ADDRESS) -> dict[str, bool]:
    """A asks about its whole register."""
    return pair.results(pair.run(pair.a.intake.about_register(wish, "cli").only))


def test_secret_at_the_requester(pair: Pair) -> None:
    """Who becomes secret at the requester is not asked about by address any more, and still by BSN."""
    assert ask(pair) == {"anna": True, "bram": True, "cees": True}
    load(pair, pair.a, BRAM._replace(secret="1"))
    assert ask(pair) == {"anna": True, "cees": True}
    assert ask(pair, Wish("shared", kind="bsn"))["bram"]


def test_secret_at_the_provider(pair: Pair) -> None:
    """Who becomes secret at the provider is found no more once the next delta came, and still by BSN."""
    assert ask(pair)["bram"]
    load(pair, pair.b, BRAM._replace(secret="j"))
    pair.clock.pass_days(1)
    pair.b.housekeeping()
    assert ask(pair) == {"anna": True, "bram": False, "cees": True}
    assert ask(pair, Wish("shared", kind="bsn"))["bram"]
    load(pair, pair.b, BRAM)
    pair.clock.pass_days(1)
    pair.b.housekeeping()
    assert ask(pair)["bram"]


def test_who_lives_with_him(pair: Pair) -> None:
    """A house mate whose own address is not secret keeps it, so the address is still found: his, not the other's."""
    load(pair, pair.b, BRAM._replace(secret="7"), Client("dora", BSNS[5], BRAM.postcode, BRAM.number))
    assert ask(pair) == {"anna": True, "bram": True, "cees": True}


def test_persons_of_a_file(pair: Pair, tmp_path: Path) -> None:
    """Those who are secret are rejected with the reason, the others are asked about; by BSN all are."""
    source = write_csv(
        tmp_path / "persons.csv",
        ("ref", "bsn", "postcode", "huisnummer", "indicatie geheim"),
        [ANNA, BRAM._replace(secret="2")],
    )
    for kind, asked, reasons in (("household", ["anna"], ["address_secret"]), ("bsn", ["anna", "bram"], [])):
        with read_persons(source, None, KINDS[kind]) as persons:
            query, rejects = pair.a.intake.about_persons(
                BY_ADDRESS._replace(kind=kind), persons.rows(), "cli"
            )
        assert [(one.row, one.ref, one.reason) for one in rejects] == [(3, "bram", why) for why in reasons]
        assert pair.a.queries.persons(query.only.id).refs == asked


def test_one_person(pair: Pair) -> None:
    """At the counter: refused by address with the reason, asked by BSN."""
    address = {"postcode": BRAM.postcode, "house_number": BRAM.number}
    with pytest.raises(Refusal) as raised:
        pair.a.intake.about_one(BY_ADDRESS, "bram", address, "call", address_secret=True)
    assert raised.value.code == "address_secret"
    by_number = BY_ADDRESS._replace(kind="bsn")
    _, persons = pair.a.intake.about_one(by_number, "bram", {"bsn": BRAM.bsn}, "call", address_secret=True)
    assert persons.refs == ["bram"]


def test_a_system_that_asks(pair: Pair) -> None:
    """Over the wire too: of two persons the one who is secret comes back with the reason; alone he is refused."""
    jobs = Jobs(pair.a.runner, pair.a.queries, lambda: None)
    servicer = QueryServicer(pair.a, jobs)
    header = wire.QueryHeader(
        agreement_id="shared", kind="household", answer=ANSWER_HIT, source=wire.SOURCE_PERSONS
    )
    persons = [
        wire.Person(
            record_ref=one.ref,
            identifiers={"postcode": one.postcode, "house_number": one.number},
            address_secret=one is BRAM,
        )
        for one in (ANNA, BRAM)
    ]
    context = cast("grpc.ServicerContext", None)
    try:
        started = servicer.StartQuery(iter([wire.StartQueryRequest(header=header, persons=persons)]), context)
    finally:
        jobs.stop()
    assert [(one.record_ref, one.reason) for one in started.rejects] == [("bram", "address_secret")]
    assert pair.a.queries.get(started.query_id).records == 1
    with pytest.raises(Refusal) as raised:
        servicer.MatchPerson(wire.MatchPersonRequest(header=header, person=persons[1]), context)
    assert raised.value.code == "address_secret"


def record_of(client: Client, **changes: str) -> wire.Record:
    """What a system upserts; an indication other than `0` is secret."""
    one = client._replace(**changes)
    fields = {"bsn": one.bsn, "postcode": one.postcode, "house_number": one.number}
    known = {field: value for field, value in fields.items() if value}
    return wire.Record(record_ref=one.ref, identifiers=known, address_secret=one.secret != "0")


def upsert(pair: Pair, *records: wire.Record) -> wire.UpsertRecordsResponse:
    """One call to A."""
    request = wire.UpsertRecordsRequest(records=records)
    return RegisterServicer(pair.a).UpsertRecords(iter([request]), cast("grpc.ServicerContext", None))


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([record_of(BRAM, bsn="123", secret="1")], id="bad BSN"),
        pytest.param(
            [record_of(BRAM, bsn="", postcode="", number="", secret="1")], id="nothing but the mark"
        ),
        pytest.param([record_of(BRAM, ref="", secret="1")], id="no reference"),
        pytest.param([record_of(BRAM, ref=BRAM.bsn, secret="1")], id="the BSN is the reference"),
        pytest.param([record_of(BRAM, ref="new", secret="1")], id="another reference"),
        pytest.param([record_of(BRAM), record_of(BRAM, secret="1")], id="a duplicate"),
        pytest.param([record_of(BRAM, secret="1"), record_of(BRAM)], id="a duplicate, the other way round"),
        pytest.param(
            [record_of(BRAM), record_of(BRAM, ref="new", postcode="", number="", secret="1")],
            id="a second record",
        ),
    ],
)
def test_a_secret_record_of_any_shape(pair: Pair, records: list[wire.Record]) -> None:
    """Over the wire as from a file: nobody is asked about by Bram's address."""
    response = upsert(pair, *records)
    assert BRAM.bsn not in str(response)
    assert ask(pair) == {"anna": True, "cees": True}
    upsert(pair, record_of(ANNA))
    assert ask(pair) == {"anna": True, "cees": True}


def test_a_reference_that_shows_the_number(pair: Pair) -> None:
    """A record under such a reference is found by its BSN's correction, in one call or a later one."""
    ref = f"K{BSNS[6]}"
    wrong, right = record_of(BRAM, ref=ref), record_of(BRAM, ref=ref, bsn=BSNS[6], secret="1")
    upsert(pair, wrong)
    assert ask(pair)[ref]
    for records in ([right], [wrong, right], [right, wrong]):
        response = upsert(pair, *records)
        assert BSNS[6] not in str([one for one in response.rejects if one.reason != "record_ref_duplicate"])
        assert ref not in ask(pair)


def test_a_mark_is_taken_off(pair: Pair) -> None:
    """A later call that says otherwise puts the address back."""
    upsert(pair, record_of(BRAM, secret="1"))
    assert "bram" not in ask(pair)
    upsert(pair, record_of(BRAM))
    assert ask(pair)["bram"]


@pytest.mark.parametrize("bsn", ["", BRAM.bsn])
def test_a_system_that_upserts(pair: Pair, bsn: str) -> None:
    """Over the wire too: the reason comes back, and the address leaves the register, used record or not."""
    known = {"bsn": bsn} if bsn else {}
    record = wire.Record(
        record_ref="bram",
        identifiers={"postcode": BRAM.postcode, "house_number": BRAM.number, **known},
        address_secret=True,
    )
    request = wire.UpsertRecordsRequest(records=[record])
    response = RegisterServicer(pair.a).UpsertRecords(iter([request]), cast("grpc.ServicerContext", None))
    assert [(one.record_ref, one.reason) for one in response.rejects] == [("bram", "address_secret")]
    assert response.applied == bool(bsn)
    assert ask(pair) == {"anna": True, "cees": True}
    assert "bram" in ask(pair, Wish("shared", kind="bsn"))
