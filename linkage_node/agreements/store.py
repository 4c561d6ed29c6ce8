"""The agreements that a node knows, each as the very text that was added."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from linkage_node.agreements.model import Agreement, content_hash, parse_agreement
from linkage_node.agreements.signature_store import SignatureStore, Standing
from linkage_node.agreements.standing import STATUS_REASONS, Status
from linkage_node.agreements.trust import Trust
from linkage_node.clock import now_ms
from linkage_node.errors import InputError, Refusal, StorageError
from linkage_node.storage import tables
from linkage_node.storage.database import Database

# How many agreements, and when and what the newest is; made once, for every decision asks it.
_NEWEST = (
    select(
        select(func.count()).select_from(tables.agreement).scalar_subquery(),
        tables.agreement.c.added_at,
        tables.agreement.c.hash,
    )
    .order_by(tables.agreement.c.added_at.desc())
    .limit(1)
)


class AgreementStore:
    """Agreements by content hash and by id. `own_oin` is the organisation of this node. Safe to share by threads.

    `trust` says whose signatures count: without it no agreement is in force. `activated` gives the content hashes in
    the policy that officers put into force; None, or None from it: there are no officers, and all agreements count.
    """

    def __init__(
        self,
        database: Database,
        own_oin: str,
        trust: Trust | None = None,
        activated: Callable[[], frozenset[bytes] | None] | None = None,
    ) -> None:
        self._database = database
        self._own_oin = own_oin
        self._activated = activated
        self.signatures = SignatureStore(database, trust)
        self._seen: tuple[int | None, tuple[int, int, bytes]] = (
            None,
            (0, 0, b""),
        )  # change mark, and version then
        self._parsed: dict[bytes, Agreement] = {}  # by content hash; what a hash stands for never changes

    def add(self, text: str, *, replace: bool = False, source: str = "agreement.yaml") -> Agreement:
        """Keep an agreement; adding the same content again changes nothing.

        InputError: the file's faults; "agreement_foreign" if this organisation is no party to it;
        "agreement_differs" if another content has this id and `replace` is not given.
        """
        agreement = parse_agreement(text, source)
        if self._own_oin not in (agreement.requester.oin, agreement.provider.oin):
            raise InputError("agreement_foreign", f"{source}: OIN {self._own_oin}")
        content = content_hash(agreement)
        with self._database.write() as connection:
            known = _hash_of(connection, agreement.id)
            if known == content:
                return agreement
            if known is not None and not replace:
                raise InputError("agreement_differs", f"{source}: {agreement.id}")
            added_at = max(now_ms(), _version(connection)[1] + 1)  # goes up, whatever the clock does
            connection.execute(delete(tables.agreement).where(tables.agreement.c.id == agreement.id))
            connection.execute(
                insert(tables.agreement).values(hash=content, id=agreement.id, text=text, added_at=added_at)
            )
        return agreement

    def get_by_hash(self, content: bytes) -> Agreement:
        """The agreement with this content hash; Refusal("agreement_unknown")."""
        with self._database.read() as connection:
            row = connection.execute(select(tables.agreement).filter_by(hash=content)).one_or_none()
        if row is None:
            raise Refusal("agreement_unknown", f"hash {content.hex()[:16]}")
        return self._agreement(row)

    def get_for(self, requester_oin: str, content: bytes) -> Agreement:
        """The agreement with this content hash, for its requester.

        Refusal("agreement_unknown") for others too: who is no party does not hear that it exists.
        """
        agreement = self.get_by_hash(content)
        if agreement.requester.oin != requester_oin:
            raise Refusal("agreement_unknown", f"{agreement.id}: {requester_oin} is not its requester")
        return agreement

    def get_by_id(self, agreement_id: str) -> Agreement:
        """The agreement with this id; Refusal("agreement_not_here")."""
        with self._database.read() as connection:
            row = connection.execute(select(tables.agreement).filter_by(id=agreement_id)).one_or_none()
        if row is None:
            raise _not_here(agreement_id)
        return self._agreement(row)

    def list(self) -> list[Agreement]:
        """All agreements, by id."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.agreement).order_by(tables.agreement.c.id)).all()
        return [self._agreement(row) for row in rows]

    def standing(self, content: bytes) -> Standing:
        """What the signatures under an agreement, and the officers, make of it; Refusal("agreement_unknown")."""
        agreement = self._parsed.get(content) or self.get_by_hash(content)
        standing = self.signatures.standing(content, agreement.parties)
        if standing.status == "in_force" and self._activated is not None:
            active = self._activated()
            if active is not None and content not in active:
                return standing._replace(status="not_activated")
        return standing

    def status(self, content: bytes) -> Status:
        """Whether the agreement with this content hash is in force, now; Refusal("agreement_unknown")."""
        return self.standing(content).status

    def require_in_force(self, content: bytes) -> None:
        """Refusal with the reason if the agreement is not in force: "agreement_unsigned", "agreement_revoked", ..."""
        status = self.status(content)
        if status != "in_force":
            raise Refusal(STATUS_REASONS[status])

    def unfit(self) -> dict[str, str]:
        """Agreements that an earlier version took and this one does not: what is wrong with each, by id."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.agreement).order_by(tables.agreement.c.id)).all()
        faults: dict[str, str] = {}
        for row in rows:
            try:
                self._agreement(row)
            except InputError as error:
                faults[row.id] = error.detail
        return faults

    def text(self, agreement_id: str) -> str:
        """The file as it was added; Refusal("agreement_not_here")."""
        with self._database.read() as connection:
            text = connection.execute(
                select(tables.agreement.c.text).where(tables.agreement.c.id == agreement_id)
            ).scalar_one_or_none()
        if text is None:
            raise _not_here(agreement_id)
        return str(text)

    def version(self) -> tuple[int, int, bytes]:
        """Another value after every change, told quickly: how many agreements, and when and what the newest is."""
        mark = self._database.change_mark()
        if mark is None or self._seen[0] != mark:
            with self._database.read() as connection:
                self._seen = mark, _version(connection)
        return self._seen[1]

    def remove(self, agreement_id: str) -> None:
        """Forget an agreement: nothing is asked or answered under it any more; Refusal("agreement_not_here")."""
        with self._database.write() as connection:
            gone = connection.execute(
                delete(tables.agreement).where(tables.agreement.c.id == agreement_id)
            ).rowcount
        if not gone:
            raise _not_here(agreement_id)

    def _agreement(self, row: Row[Any]) -> Agreement:
        content = bytes(row.hash)
        if content not in self._parsed:
            agreement = parse_agreement(row.text, f"the stored agreement {row.id}")
            if content_hash(agreement) != content:
                raise StorageError(
                    "storage_unusable", f"the stored agreement {row.id} is not the one that was added"
                )
            self._parsed[content] = agreement
        return self._parsed[content]


def _not_here(agreement_id: str) -> Refusal:
    return Refusal("agreement_not_here", agreement_id[:64])


def _hash_of(connection: Connection, agreement_id: str) -> bytes | None:
    return connection.execute(
        select(tables.agreement.c.hash).where(tables.agreement.c.id == agreement_id)
    ).scalar_one_or_none()


def _version(connection: Connection) -> tuple[int, int, bytes]:
    row = connection.execute(_NEWEST).one_or_none()
    return (row[0], row[1], row[2]) if row else (0, 0, b"")
