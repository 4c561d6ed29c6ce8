"""Cards: what an organisation hands to its partners so that their nodes know it; and the store of those received."""

import json
from base64 import b64decode, b64encode
from functools import lru_cache
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AfterValidator, Field
from sqlalchemy import delete, insert, select

from linkage_node.clock import now_ms
from linkage_node.config import Address, Name, Oin
from linkage_node.errors import InputError, Refusal
from linkage_node.identifiers.oin import holds_oin
from linkage_node.storage import tables
from linkage_node.storage.database import Database
from linkage_node.yaml_model import StrictModel, parse_model


def _public_key(text: str) -> str:
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(text, validate=True))
    except ValueError:
        raise ValueError("expected an Ed25519 public key: 32 bytes in base64") from None
    return text


LISTED = "`linkage-node peers list` shows the organisations that this node knows."


class Card(StrictModel):
    """Who an organisation is, where its node answers, and the key that its node signs with."""

    version: Literal[1]
    oin: Oin
    name: Name
    address: Address
    signing_key: Annotated[str, AfterValidator(_public_key)]  # Ed25519 public key, base64
    certificate: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{64}$"
    )  # SHA-256 of the DER; for information

    def verifying_key(self) -> Ed25519PublicKey:
        """The key that the organisation's signatures are checked with."""
        return Ed25519PublicKey.from_public_bytes(b64decode(self.signing_key))


def make_card(oin: str, name: str, address: str, signing_key: Ed25519PublicKey, certificate: str) -> Card:
    """A node's own card; `certificate` is the fingerprint."""
    key = b64encode(signing_key.public_bytes_raw()).decode()
    return Card(version=1, oin=oin, name=name, address=address, signing_key=key, certificate=certificate)


def card_text(card: Card) -> str:
    """The YAML file to hand to partners."""
    # A JSON string is a YAML string that no YAML reader takes for a number.
    fields = "".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}\n"
        for name, value in card.model_dump(exclude_none=True).items()
    )
    return (
        "# Hand this file to partners; they run `linkage-node peers add card.yaml`. Nothing in it is secret, but\n"
        "# whoever adds it trusts its key: let them compare the key with you over another channel.\n" + fields
    )


class PeerStore:
    """The cards that this node received. `own_oin` is the organisation of this node."""

    def __init__(self, database: Database, own_oin: str) -> None:
        self._database = database
        self._own_oin = own_oin

    def add(self, text: str, *, replace: bool = False, source: str = "card.yaml") -> Card:
        """Keep a card. Another key for a known organisation is refused unless `replace`; a name with an OIN in it is
        refused, since it could be taken for another organisation's."""
        card = parse_model(text, Card, source)
        if holds_oin(card.name):
            raise InputError("file_malformed", f"{source}: the name of {card.oin} reads as an OIN")
        if card.oin == self._own_oin:
            raise InputError("peer_is_self", source)
        with self._database.write() as connection:
            known = connection.execute(
                select(tables.peer.c.card).where(tables.peer.c.oin == card.oin)
            ).scalar_one_or_none()
            if known is not None and not replace and _parsed(known, card.oin).signing_key != card.signing_key:
                raise Refusal("peer_key_differs", f"OIN {card.oin}")
            connection.execute(delete(tables.peer).where(tables.peer.c.oin == card.oin))
            connection.execute(insert(tables.peer).values(oin=card.oin, card=text, added_at=now_ms()))
        return card

    def get(self, oin: str) -> Card:
        """The card of one organisation; Refusal("peer_unknown")."""
        with self._database.read() as connection:
            text = connection.execute(
                select(tables.peer.c.card).where(tables.peer.c.oin == oin)
            ).scalar_one_or_none()
        if text is None:
            raise Refusal("peer_unknown", f"OIN {oin}")
        return _parsed(text, oin)

    def list(self) -> list[Card]:
        """All cards, by OIN."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(tables.peer.c.card, tables.peer.c.oin).order_by(tables.peer.c.oin)
            ).all()
        return [_parsed(text, oin) for text, oin in rows]

    def keys(self) -> dict[str, tuple[Ed25519PublicKey, int]]:
        """By OIN: the key of the card, and when it was added (milliseconds since 1970-01-01 UTC)."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.peer)).all()
        return {row.oin: (_parsed(row.card, row.oin).verifying_key(), row.added_at) for row in rows}

    def remove(self, oin: str) -> None:
        """Forget a card; Refusal("peer_unknown")."""
        with self._database.write() as connection:
            gone = connection.execute(delete(tables.peer).where(tables.peer.c.oin == oin)).rowcount
        if not gone:
            raise Refusal("peer_unknown", f"OIN {oin}", hint=LISTED)


@lru_cache(maxsize=1024)  # a card is read for every order
def _parsed(text: str, oin: str) -> Card:
    return parse_model(text, Card, f"the stored card of {oin}")
