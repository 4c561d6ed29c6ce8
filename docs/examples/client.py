# ruff: noqa: INP001 - a file to copy, not a package
"""A municipal system that uses its own node: a complete example to start from.

    python client.py NODE-FOLDER AGREEMENT-ID COMMAND

COMMAND is `person BSN`, `register`, `persons FILE.csv` (columns record_ref and bsn), `count QUESTION` or
`upsert REF BSN`. Several agreements, each with another provider, are asked side by side: write their ids with commas
between them. NODE-FOLDER is what `linkage-node init` made; only its certificates and address are used here.
"""

import csv
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import grpc
import yaml

from linkage_node._generated.linkage.v1 import order_pb2, system_pb2
from linkage_node._generated.linkage.v1.system_pb2_grpc import QueryServiceStub, RegisterServiceStub

BATCH = 1000  # persons in one message


def connect(folder: Path) -> grpc.Channel:
    """A channel to the node, with the certificate that is registered under `systems` in node.yaml."""
    keys = folder / "keys"
    credentials = grpc.ssl_channel_credentials(
        root_certificates=(keys / "ca.pem").read_bytes(),
        private_key=(keys / "system.key").read_bytes(),
        certificate_chain=(keys / "system.pem").read_bytes(),
    )
    config = yaml.safe_load((folder / "node.yaml").read_text(encoding="utf-8"))
    return grpc.secure_channel(config.get("listen_systems") or config["listen"], credentials)


def header(agreement_ids: str, source: system_pb2.Source) -> system_pb2.QueryHeader:
    """What is asked; providers, purpose and kind are left to the agreements."""
    first, *further = agreement_ids.split(",")
    return system_pb2.QueryHeader(
        agreement_id=first, further_agreement_ids=further, answer=order_pb2.ANSWER_HIT, source=source
    )


def match_person(channel: grpc.Channel, agreement_id: str, bsn: str) -> None:
    """One person at the counter: one call."""
    request = system_pb2.MatchPersonRequest(
        header=header(agreement_id, system_pb2.SOURCE_PERSONS),
        person=system_pb2.Person(record_ref="counter", identifiers={"bsn": bsn}),
    )
    # Usually far less; the first of a period fetches the provider's tag set.
    response = QueryServiceStub(channel).MatchPerson(request, timeout=30)
    for result in response.results:
        known = "yes" if result.hit else "no"
        print(f"known there: {known} ({result.provider_oin}, transaction {result.transaction_id})")
    tell_silent(response.providers)


def tell_silent(providers: Iterable[system_pb2.ProviderAnswer]) -> None:
    """Who gave no answer, and why. The answers of the others hold all the same."""
    for one in providers:
        if one.state != system_pb2.QUERY_STATE_DONE:
            print(f"no answer of {one.provider_oin}: {', '.join(one.reasons)}: {one.message}")


def run(service: QueryServiceStub, requests: Iterator[system_pb2.StartQueryRequest]) -> tuple[str, bool]:
    """Start a query and watch it until every provider is done with it: its id, and whether any answered."""
    started = service.StartQuery(requests, timeout=300)
    for reject in started.rejects:
        print(f"not asked about: row {reject.row}, {reject.record_ref}: {reject.reason}")
    states = {}
    for response in service.WatchQuery(system_pb2.WatchQueryRequest(query_id=started.query_id), timeout=3600):
        query = response.query
        states[query.provider_oin] = query.state
        state = system_pb2.QueryState.Name(query.state)
        print(f"{query.provider_oin}: {state}: {query.evaluated} of {query.elements} evaluated")
        if query.reasons:
            print(f"{', '.join(query.reasons)}: {query.message}")
    return started.query_id, system_pb2.QUERY_STATE_DONE in states.values()


def ask(channel: grpc.Channel, requests: Iterator[system_pb2.StartQueryRequest]) -> None:
    """Many at once: the hits, and of several providers how their answers overlap."""
    service = QueryServiceStub(channel)
    query_id, answered = run(service, requests)
    if not answered:
        return
    fetch = system_pb2.FetchResultsRequest(query_id=query_id, hits_only=True)
    for batch in service.FetchResults(fetch, timeout=300):
        for result in batch.results:
            print(f"hit: {result.record_ref} ({result.provider_oin})")
        tell_silent(batch.providers)  # in the first message
    overlap = service.DescribeOverlap(system_pb2.DescribeOverlapRequest(query_id=query_id), timeout=300)
    for number, records in enumerate(overlap.known_at):
        print(f"known at {number} of those that answered: {records}")


def count(channel: grpc.Channel, agreement_ids: str, question: str) -> None:
    """How many, of a question of the agreements' catalogues: numbers with noise, that point at nobody."""
    service = QueryServiceStub(channel)
    head = header(agreement_ids, system_pb2.SOURCE_REGISTER)
    head.answer, head.question = order_pb2.ANSWER_COUNT, question
    query_id, answered = run(service, iter([system_pb2.StartQueryRequest(header=head)]))
    if not answered:
        return
    response = service.FetchTables(system_pb2.FetchTablesRequest(query_id=query_id), timeout=60)
    for table in response.tables:
        print(
            f"these numbers have noise: 95 of 100 are within {table.noise_95} of the truth; sums are further off"
        )
        cells = iter(table.cells)
        for group in table.groups:
            for category in table.categories:
                cell = next(cells)
                told = "not released" if cell.suppressed else cell.count
                print(f"{table.provider_oin}, {table.period}, {group}, {category}: {told}")
    tell_silent(response.providers)


def about_register(agreement_id: str) -> Iterator[system_pb2.StartQueryRequest]:
    """Everybody in the own register."""
    yield system_pb2.StartQueryRequest(header=header(agreement_id, system_pb2.SOURCE_REGISTER))


def about_persons(agreement_id: str, path: Path) -> Iterator[system_pb2.StartQueryRequest]:
    """Persons from a CSV file: the header first, then batches."""
    yield system_pb2.StartQueryRequest(header=header(agreement_id, system_pb2.SOURCE_PERSONS))
    with path.open(encoding="utf-8", newline="") as file:
        batch = []
        for row in csv.DictReader(file):
            batch.append(system_pb2.Person(record_ref=row["record_ref"], identifiers={"bsn": row["bsn"]}))
            if len(batch) == BATCH:
                yield system_pb2.StartQueryRequest(persons=batch)
                batch = []
        if batch:
            yield system_pb2.StartQueryRequest(persons=batch)


def upsert(channel: grpc.Channel, ref: str, bsn: str) -> None:
    """Add a record to the own register, or replace it."""
    record = system_pb2.Record(record_ref=ref, identifiers={"bsn": bsn})
    request = system_pb2.UpsertRecordsRequest(records=[record])
    answer = RegisterServiceStub(channel).UpsertRecords(iter([request]), timeout=60)
    print(f"applied: {answer.applied}")
    for reject in answer.rejects:
        print(f"rejected: {reject.record_ref}, {reject.field}: {reject.reason}")


def main(arguments: list[str]) -> int:
    """Run one command; 1 if the node refuses or a file is missing, 2 if the words are off."""
    try:
        match arguments:
            case [folder, agreement_id, "person", bsn]:
                with connect(Path(folder)) as channel:
                    match_person(channel, agreement_id, bsn)
            case [folder, agreement_id, "register"]:
                with connect(Path(folder)) as channel:
                    ask(channel, about_register(agreement_id))
            case [folder, agreement_id, "persons", file]:
                Path(file).open().close()  # gRPC tells nothing of an error in what it sends
                with connect(Path(folder)) as channel:
                    ask(channel, about_persons(agreement_id, Path(file)))
            case [folder, agreement_id, "count", question]:
                with connect(Path(folder)) as channel:
                    count(channel, agreement_id, question)
            case [folder, _, "upsert", ref, bsn]:
                with connect(Path(folder)) as channel:
                    upsert(channel, ref, bsn)
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except FileNotFoundError as error:
        print(f"there is no file {error.filename}", file=sys.stderr)
        return 1
    except grpc.RpcError as error:
        code, _, words = (error.details() or "").partition(": ")  # the reason code comes first
        print(f"{error.code().name}, {code}: {words}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
