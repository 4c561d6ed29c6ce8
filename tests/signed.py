"""Signs agreements in tests, as both organisations would: with certificates of the nodes' own development CA."""

import time
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from linkage_node.agreements import Agreement, content_hash
from linkage_node.agreements.signatures import make
from linkage_node.agreements.signing import Signing
from linkage_node.agreements.standing import SignatureType
from linkage_node.clock import now_ms
from linkage_node.jws import PrivateKey
from linkage_node.node import Node
from linkage_node.peers.dev_ca import Issued, open_dev_ca


@lru_cache
def certificate(ca_folder: Path, oin: str) -> Issued:
    """A certificate of an organisation, made by this development CA."""
    return open_dev_ca(ca_folder).issue(oin=oin, organisation=f"Organisation {oin}", common_name="localhost")


def signature(
    issued: Issued, content: bytes, kind: SignatureType = "accept", seconds: int | None = None
) -> str:
    """A signature with this certificate; now, unless another moment is given (seconds since 1970-01-01 UTC)."""
    key = load_pem_private_key(issued.key_pem, None)
    assert isinstance(key, PrivateKey)
    moment = int(time.time()) if seconds is None else seconds
    return make(content, kind, key, [issued.certificate], moment)


def sign_for_both(node: Node, *agreements: Agreement) -> None:
    """Both organisations' approval of these agreements (none named: of all that are not signed), at this node.

    The node's files lie beside its development CA, as `make_node` leaves them. No evidence is written.
    """
    store = node.agreements.signatures
    for agreement in agreements or node.agreements.list():
        content = content_hash(agreement)
        if node.agreements.status(content) != "unsigned":
            continue
        with node.database.write() as connection:
            for oin in sorted(agreement.parties):
                issued = certificate(node.folder.parent / "dev-ca", oin)
                checked = store.checked(
                    signature(issued, content), content, agreement.parties, now_ms() // 1000
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
        issued = certificate(node.folder.parent / "dev-ca", oin)
        signing.take_in(agreement, [signature(issued, content_hash(agreement), kind)])
