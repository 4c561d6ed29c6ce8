"""Signs agreements in tests, as both organisations would: with certificates of the nodes' own development CA, and with
the keys of the nodes that lie beside it."""

import time
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from linkage_node.agreements import Agreement, content_hash
from linkage_node.agreements.signatures import make, read
from linkage_node.agreements.signing import Signing
from linkage_node.agreements.standing import SignatureType
from linkage_node.clock import now_ms
from linkage_node.jws import PrivateKey
from linkage_node.node import Node
from linkage_node.peers.dev_ca import Issued, open_dev_ca


class Signer(NamedTuple):
    """Both keys of an organisation: of a certificate, PEM, and of its node."""

    certificate: x509.Certificate
    key_pem: bytes
    node_key: Ed25519PrivateKey

    @classmethod
    def of(cls, issued: Issued, node_key: Ed25519PrivateKey) -> "Signer":
        """The holder of a certificate."""
        return cls(issued.certificate, issued.key_pem, node_key)


def certificate(ca_folder: Path, oin: str) -> Signer:
    """A certificate of an organisation, made by this development CA, and the key of its node beside that."""
    return Signer.of(_issued(ca_folder, oin), _key_beside(ca_folder, oin))


def stolen(ca_folder: Path, oin: str, common_name: str = "webserver.example") -> Signer:
    """Another certificate of an organisation, in the hands of somebody who does not have its node's key."""
    issued = open_dev_ca(ca_folder).issue(oin=oin, organisation=oin, common_name=common_name)
    return Signer.of(issued, Ed25519PrivateKey.generate())


def node_key(oin: str) -> Ed25519PrivateKey:
    """The key of a node that is nowhere: always the same one for an organisation."""
    return Ed25519PrivateKey.from_private_bytes(sha256(oin.encode()).digest())


def signature(
    signer: Signer, content: bytes, kind: SignatureType = "accept", seconds: int | None = None
) -> str:
    """A signature with these keys; now, unless another moment is given (seconds since 1970-01-01 UTC)."""
    key = load_pem_private_key(signer.key_pem, None)
    assert isinstance(key, PrivateKey)
    moment = int(time.time()) if seconds is None else seconds
    return make(content, kind, key, [signer.certificate], moment, signer.node_key)


def sign_for_both(node: Node, *agreements: Agreement) -> None:
    """Both organisations' approval of these agreements (none named: of all that are not signed), at this node.

    The node's files lie beside its development CA, as `make_node` leaves them. No evidence is written. A partner that
    the node has no card of signed when it had one.
    """
    store, known = node.agreements.signatures, {node.config.oin, *(card.oin for card in node.peers.list())}
    for agreement in agreements or node.agreements.list():
        content = content_hash(agreement)
        if node.agreements.status(content) != "unsigned":
            continue
        with node.database.write() as connection:
            for oin in sorted(agreement.parties):
                text = signature(certificate(node.folder.parent / "dev-ca", oin), content)
                checked = (
                    store.checked(text, content, agreement.parties, now_ms() // 1000)
                    if oin in known
                    else read(text, content)
                )
                store.keep(connection, checked, agreement.parties, now_ms())
        own = store.for_partner(node.config.oin, content, agreement.parties)
        store.delivered(node.config.oin, content, own, now_ms())


def add_signed(node: Node, text: str, *, replace: bool = False) -> Agreement:
    """Add an agreement that both organisations signed."""
    added = node.agreements.add(text, replace=replace)
    sign_for_both(node, added)
    return added


def says(node: Node, agreement: Agreement, oin: str, kind: SignatureType) -> None:
    """One of the two organisations says this of an agreement, and this node hears it, as it would in earnest."""
    signing = Signing.of(node)
    if oin == node.config.oin:
        signing.sign(agreement, kind)
    else:
        signer = certificate(node.folder.parent / "dev-ca", oin)
        signing.take_in(agreement, [signature(signer, content_hash(agreement), kind)])


@lru_cache
def _issued(ca_folder: Path, oin: str) -> Issued:
    return open_dev_ca(ca_folder).issue(oin=oin, organisation=f"Organisation {oin}", common_name="localhost")


def _key_beside(ca_folder: Path, oin: str) -> Ed25519PrivateKey:
    for config in sorted(ca_folder.parent.glob("*/node.yaml")):
        with Node.open(config) as node:
            if node.config.oin == oin:
                return node.secrets.signing_key
    return node_key(oin)
