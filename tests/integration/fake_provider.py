"""A provider with the real certificates, keys and register, whose answers a test changes on their way out."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import grpc

from linkage_node._generated.linkage.v1.peer_pb2 import (
    CountRequest,
    CountResponse,
    DiscloseRequest,
    DiscloseResponse,
    EvaluateRequest,
    EvaluateResponse,
    ExchangeSignaturesRequest,
    ExchangeSignaturesResponse,
    FetchTagSetRequest,
    FetchTagSetResponse,
    GetEpochKeyRequest,
    GetEpochKeyResponse,
    ReportHitsRequest,
    ReportHitsResponse,
)
from linkage_node._generated.linkage.v1.peer_pb2_grpc import (
    PeerServiceServicer,
    add_PeerServiceServicer_to_server,
)
from linkage_node.assembly import Assembly
from linkage_node.node import Node
from linkage_node.peers.tls import server_credentials, server_options
from linkage_node.pseudonyms.parallel import local_executor
from tests.integration.world import LiveNode
from tests.nodes import OIN_A

Keys = Callable[[GetEpochKeyResponse], GetEpochKeyResponse]
Evaluations = Callable[[Iterator[EvaluateResponse]], Iterator[EvaluateResponse]]
TagSets = Callable[[Iterator[FetchTagSetResponse]], Iterator[FetchTagSetResponse]]


class FakeProvider(PeerServiceServicer):
    """Answers as the real node does, through what the test put in between."""

    def __init__(self, assembly: Assembly) -> None:
        self._answering = assembly.answering
        self._counting, self._disclosing = assembly.counting, assembly.disclosing
        self._signatures = assembly.signatures
        self.be_honest()

    def be_honest(self) -> None:
        """Change nothing."""
        self.keys: Keys = lambda key: key
        self.evaluations: Evaluations = lambda responses: responses
        self.tag_sets: TagSets = lambda responses: responses

    def GetEpochKey(self, request: GetEpochKeyRequest, _context: object) -> GetEpochKeyResponse:
        """The key."""
        key = self._answering.epoch_key(request.agreement_hash, request.kind, OIN_A)
        return self.keys(GetEpochKeyResponse(epoch_key=key))

    def FetchTagSet(self, request: FetchTagSetRequest, _context: object) -> Iterator[FetchTagSetResponse]:
        """The tag set."""
        return self.tag_sets(self._answering.fetch_tag_set(request.order, OIN_A))

    def Evaluate(
        self, request_iterator: Iterator[EvaluateRequest], _context: object
    ) -> Iterator[EvaluateResponse]:
        """The evaluation."""
        return self.evaluations(self._answering.evaluate(request_iterator, OIN_A))

    def Count(self, request_iterator: Iterator[CountRequest], _context: object) -> Iterator[CountResponse]:
        """The count."""
        return self._counting.count(request_iterator, OIN_A)

    def Disclose(self, request: DiscloseRequest, _context: object) -> Iterator[DiscloseResponse]:
        """The attributes."""
        return self._disclosing.disclose(request, OIN_A)

    def ReportHits(
        self, request_iterator: Iterator[ReportHitsRequest], _context: object
    ) -> ReportHitsResponse:
        """The report of hits."""
        return self._disclosing.report_hits(request_iterator, OIN_A)

    def ExchangeSignatures(
        self, request: ExchangeSignaturesRequest, _context: object
    ) -> ExchangeSignaturesResponse:
        """The exchange of signatures."""
        return self._signatures.answer(request, OIN_A)


@contextmanager
def fake_provider(live: LiveNode) -> Iterator[FakeProvider]:
    """Stands in for this node's server, at its address, with its certificate."""
    with (
        Node.open(live.config) as node,
        local_executor() as executor,
        closing(Assembly(node, executor)) as assembly,
    ):
        server = grpc.server(ThreadPoolExecutor(8), options=server_options())
        fake = FakeProvider(assembly)
        add_PeerServiceServicer_to_server(fake, server)
        assert server.add_secure_port(node.config.listen, server_credentials(node.config))
        server.start()
        try:
            yield fake
        finally:
            server.stop(None).wait()
