"""The agreements that a node knows, each as the very text that was added."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Row, Table, func, insert, select

from linkage_node.agreements.ending import require_not_ended
from linkage_node.agreements.model import Agreement, content_hash, parse_agreement
from linkage_node.agreements.signature_store import SignatureStore, Standing
from linkage_node.agreements.standing import STATUS_REASONS, Status
from linkage_node.agreements.stored import forget_former, move_aside, read_stored
from linkage_node.agreements.trust import Trust
from linkage_node.clock import now_ms
from linkage_node.errors import InputError, Refusal
from linkage_node.storage import tables
from linkage_node.storage.database import Database

HASH_DIGITS = 16  # hexadecimal, of a content hash that people name
_HASH = re.compile(rf"[0-9a-f]{{{HASH_DIGITS},128}}")
_log = structlog.get_logger()

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

    Texts that were replaced or removed are kept beside them as former ones, for what ends them later: `list_all` and
    `get_any` have those too, all else has not. One that cannot be read counts for nothing, and keeps no other out.

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
        self._logged: set[str] = set()  # ids of those that cannot be read

    def add(self, text: str, *, replace: bool = False, source: str = "agreement.yaml") -> Agreement:
        """Keep an agreement; adding the same content again changes nothing.

        InputError: the file's faults; "agreement_foreign" if this organisation is no party to it;
        "agreement_differs" if another content has this id and `replace` is not given. Refusal("agreement_revoked") or
        ("agreement_rejected") to put in the place of another what is over.
        """
        agreement = parse_agreement(text, source)
        if self._own_oin not in (agreement.requester.oin, agreement.provider.oin):
            raise InputError("agreement_foreign", f"{source}: OIN {self._own_oin}")
        content, table = content_hash(agreement), tables.agreement
        with self._database.write() as connection:
            known = connection.execute(select(table).filter_by(id=agreement.id)).one_or_none()
            if known is not None and bytes(known.hash) == content:
                if self._fit(known):
                    return agreement
            elif known is not None:
                if not replace:
                    raise InputError("agreement_differs", f"{source}: {agreement.id}")
                require_not_ended(connection, content)
            added_at = max(now_ms(), _version(connection)[1] + 1)  # goes up, whatever the clock does
            move_aside(connection, agreement.id)
            forget_former(connection, content)
            connection.execute(
                insert(table).values(hash=content, id=agreement.id, text=text, added_at=added_at)
            )
            read_stored(connection.execute(select(table).filter_by(hash=content)).one())
        return agreement

    def get_by_hash(self, content: bytes) -> Agreement:
        """The agreement with this content hash; Refusal("agreement_unknown") or ("agreement_unfit")."""
        return self._of_hash(content, tables.agreement)

    def get_any(self, content: bytes) -> Agreement:
        """The same, also if it is a former one."""
        table = tables.agreement if self.has(content) else tables.former_agreement
        return self._of_hash(content, table)

    def has(self, content: bytes) -> bool:
        """Whether there is an agreement with this content hash that is no former one."""
        with self._database.read() as connection:
            found = connection.scalar(select(tables.agreement.c.id).filter_by(hash=content))
        return found is not None

    def _of_hash(self, content: bytes, table: Table) -> Agreement:
        with self._database.read() as connection:
            row = connection.execute(select(table).filter_by(hash=content)).one_or_none()
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
        """The agreement with this id; Refusal("agreement_not_here") or ("agreement_unfit")."""
        with self._database.read() as connection:
            row = connection.execute(select(tables.agreement).filter_by(id=agreement_id)).one_or_none()
        if row is None:
            raise _not_here(agreement_id)
        return self._agreement(row)

    def named(self, name: str) -> Agreement:
        """The agreement with this id, or the one, former ones too, whose content hash begins so (16 digits or more).

        Refusal("agreement_not_here") tells the hashes of former ones with this id; ("agreement_unfit").
        """
        every = self.list_all()
        named = [one for one in every if _HASH.fullmatch(name) and content_hash(one).hex().startswith(name)]
        try:
            named.append(self.get_by_id(name))
        except Refusal as refusal:
            if refusal.code != "agreement_not_here":
                raise
        if len({content_hash(one) for one in named}) > 1:
            raise Refusal("agreement_not_here", f"{name} names more than one; give more digits of the hash")
        if named:
            return named[0]
        former = ", ".join(content_hash(one).hex()[:HASH_DIGITS] for one in every if one.id == name)
        if former:
            raise Refusal("agreement_not_here", f"{name} was replaced or removed here; by its hash: {former}")
        raise _not_here(name)

    def list(self) -> list[Agreement]:
        """All agreements that can be read, by id."""
        return [*self._read_all(tables.agreement)]

    def list_all(self) -> Sequence[Agreement]:
        """The same, and former ones after them."""
        return [*self.list(), *self._read_all(tables.former_agreement)]

    def _read_all(self, table: Table) -> Sequence[Agreement]:
        with self._database.read() as connection:
            rows = connection.execute(select(table).order_by(table.c.id, table.c.hash)).all()
        return [found for row in rows if (found := self._fit(row))]

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
        """Agreements that cannot be read (an earlier version took them, or a row was changed): why, by id."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.agreement).order_by(tables.agreement.c.id)).all()
        faults: dict[str, str] = {}
        for row in rows:
            try:
                self._agreement(row)
            except Refusal as refusal:
                faults[row.id] = refusal.detail
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
        """Nothing is asked or answered under an agreement any more; Refusal("agreement_not_here")."""
        with self._database.write() as connection:
            if not move_aside(connection, agreement_id):
                raise _not_here(agreement_id)

    def _fit(self, row: Row[Any]) -> Agreement | None:
        """The agreement in a row; None, and once a line in the log, if it cannot be read."""
        try:
            return self._agreement(row)
        except Refusal as refusal:
            if row.id not in self._logged:
                self._logged.add(row.id)
                _log.warning("a stored agreement is left out", agreement=row.id, code=refusal.code)
            return None

    def _agreement(self, row: Row[Any]) -> Agreement:
        content = bytes(row.hash)
        if content not in self._parsed:
            self._parsed[content] = read_stored(row)
        return self._parsed[content]


def _not_here(agreement_id: str) -> Refusal:
    return Refusal("agreement_not_here", agreement_id[:64])


def _version(connection: Connection) -> tuple[int, int, bytes]:
    row = connection.execute(_NEWEST).one_or_none()
    return (row[0], row[1], row[2]) if row else (0, 0, b"")
