"""The face for the organisation's own systems: keeping the register."""

from collections.abc import Iterator

import grpc

from linkage_node._generated.linkage.v1 import system_pb2 as wire
from linkage_node._generated.linkage.v1.system_pb2_grpc import RegisterServiceServicer
from linkage_node.assembly import Assembly
from linkage_node.errors import Refusal
from linkage_node.identifiers import KINDS
from linkage_node.limits import UPSERT_RECORDS
from linkage_node.matching.signing import refuse_unknown_fields
from linkage_node.register.rows import (
    RECORD_REF,
    Judged,
    References,
    Reject,
    SourceRow,
    judge,
)
from linkage_node.server.messages import reject_message


class RegisterServicer(RegisterServiceServicer):
    """Records in, pseudonyms kept."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly

    def UpsertRecords(
        self, request_iterator: Iterator[wire.UpsertRecordsRequest], context: grpc.ServicerContext
    ) -> wire.UpsertRecordsResponse:
        """Add or replace records, all batches together or not at all."""
        judged: dict[str, Judged] = {}
        marks: list[Judged] = []  # of rows that are not used
        rejects: list[Reject] = []
        production = self._assembly.node.config.mode == "production"
        references = References()
        for row in references.passed(_rows(request_iterator)):
            one = judge(row, production=production)
            rejects += one.rejects
            if one.used and one.ref not in judged:
                judged[one.ref] = one
                continue
            if one.used:
                rejects.append(Reject(one.row, RECORD_REF, one.ref, "record_ref_duplicate"))
            if one.mark:
                marks.append(one._replace(used=False))
        references.check()
        if judged or marks:
            staged = self._assembly.loader.staged([*judged.values(), *marks])
            self._assembly.register.upsert(staged, self._assembly.clock(), rejects)
            self._assembly.memory.forget_removed()
        return wire.UpsertRecordsResponse(
            applied=len(judged), rejects=[reject_message(one) for one in rejects]
        )

    def RemoveRecords(
        self, request: wire.RemoveRecordsRequest, context: grpc.ServicerContext
    ) -> wire.RemoveRecordsResponse:
        """Remove records by their reference."""
        refs = list(request.record_refs)
        _, unknown = self._assembly.register.remove(refs, self._assembly.clock())
        self._assembly.memory.forget_removed()
        return wire.RemoveRecordsResponse(removed=len(set(refs)) - len(unknown), unknown_refs=unknown)

    def DescribeRegister(
        self, _request: wire.DescribeRegisterRequest, context: grpc.ServicerContext
    ) -> wire.DescribeRegisterResponse:
        """The register in numbers."""
        records, kinds = self._assembly.register.counts()
        counts = [wire.KindCount(kind=kind, **numbers._asdict()) for kind, numbers in kinds.items()]
        return wire.DescribeRegisterResponse(records=records, kinds=counts)


def _rows(requests: Iterator[wire.UpsertRecordsRequest]) -> Iterator[SourceRow]:
    row = 0
    for request in requests:
        refuse_unknown_fields(request)
        for record in request.records:
            row += 1
            if row > UPSERT_RECORDS:
                raise Refusal("query_too_large", f"more than {UPSERT_RECORDS} records in one call")
            values = dict(record.identifiers)
            identifiers = {
                kind.name: {field: values[field] for field in kind.fields if field in values}
                for kind in KINDS.values()
            }
            attributes = dict(record.attributes)
            yield SourceRow(
                row, record.record_ref, identifiers, attributes, address_secret=record.address_secret
            )
