# ruff: noqa: INP001 - a file to copy, not a package
"""A municipal system that uses its own node: a complete example to start from.

    python client.py NODE-FOLDER AGREEMENT-ID COMMAND

COMMAND is `person BSN`, `register`, `persons FILE.csv` (columns record_ref and bsn) or `upsert REF BSN`. NODE-FOLDER is
what `linkage-node init` made; only its certificates and address are used here.
"""

import csv
import sys
from collections.abc import Iterator
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


def header(agreement_id: str, source: system_pb2.Source) -> system_pb2.QueryHeader:
    """What is asked; provider, purpose and kind are left to the agreement."""
    return system_pb2.QueryHeader(agreement_id=agreement_id, answer=order_pb2.ANSWER_HIT, source=source)


def match_person(channel: grpc.Channel, agreement_id: str, bsn: str) -> None:
    """One person at the counter: one call."""
    request = system_pb2.MatchPersonRequest(
        header=header(agreement_id, system_pb2.SOURCE_PERSONS),
        person=system_pb2.Person(record_ref="counter", identifiers={"bsn": bsn}),
    )
    # Usually far less; the first of a period fetches the provider's tag set.
    result = QueryServiceStub(channel).MatchPerson(request, timeout=30).result
    print(f"known there: {'yes' if result.hit else 'no'} (transaction {result.transaction_id})")


def ask(channel: grpc.Channel, requests: Iterator[system_pb2.StartQueryRequest]) -> None:
    """Many at once: start the query, watch it, fetch what came of it."""
    service = QueryServiceStub(channel)
    started = service.StartQuery(requests, timeout=300)
    for reject in started.rejects:
        print(f"not asked about: row {reject.row}, {reject.record_ref}: {reject.reason}")
    state = system_pb2.QUERY_STATE_UNSPECIFIED
    for response in service.WatchQuery(system_pb2.WatchQueryRequest(query_id=started.query_id), timeout=3600):
        query = response.query
        state = query.state
        print(f"{system_pb2.QueryState.Name(state)}: {query.evaluated} of {query.elements} evaluated")
        if query.reasons:
            print(f"{', '.join(query.reasons)}: {query.message}")
    if state == system_pb2.QUERY_STATE_DONE:
        fetch = system_pb2.FetchResultsRequest(query_id=started.query_id, hits_only=True)
        for batch in service.FetchResults(fetch, timeout=300):
            for result in batch.results:
                print(f"hit: {result.record_ref}")


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
