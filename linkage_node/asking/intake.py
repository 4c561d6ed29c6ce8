"""Takes a question in: which agreement, which kind, about whom. Identifiers end here; what goes on is pseudonyms."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor

from linkage_node.agreements import content_hash
from linkage_node.asking.queries import Persons, Query, QueryStore
from linkage_node.asking.resolve import Known, Resolved, Wish, resolve
from linkage_node.asking.several import Whole
from linkage_node.errors import Refusal
from linkage_node.identifiers.kinds import Kind
from linkage_node.limits import LARGEST_ORDER
from linkage_node.matching.orders import ID_BYTES
from linkage_node.node import Node
from linkage_node.pseudonyms import pseudonymise
from linkage_node.register.rows import RECORD_REF, References, Reject, SourceRow, judge

__all__ = ["Intake", "Wish"]


class Intake:
    """Turns wishes into queries."""

    def __init__(self, node: Node, store: QueryStore, executor: Executor, clock: Callable[[], int]) -> None:
        self._node, self._store, self._executor, self._clock = node, store, executor, clock

    def resolve(self, wish: Wish) -> Resolved:
        """Who is asked, and by which kind; raises what `resolve.resolve` raises."""
        node = self._node
        known = Known(
            own_oin=node.config.oin,
            named=node.agreements.get_by_id,
            agreements=node.agreements.list() if wish.providers else (),
            names={card.oin: card.name for card in node.peers.list()} if wish.providers else {},
            now_ms=self._clock(),
        )
        return resolve(wish, known)

    def about_register(self, wish: Wish, runner: str) -> Whole:
        """A question about every record of the own register."""
        whole = self._whole(wish, self.resolve(wish), runner, None)
        self._store.create(whole.parts, None)
        return whole

    def about_persons(self, wish: Wish, rows: Iterable[SourceRow], runner: str) -> tuple[Whole, list[Reject]]:
        """A question about persons, and those that cannot be asked about; Refusal if nobody is left.

        They are made pseudonyms once, for all that are asked.
        """
        resolved = self._about_somebody(wish)
        persons, rejects = self._pseudonyms(wish, resolved.kind, rows)
        if not persons.refs:
            raise Refusal("no_usable_persons", f"{len(rejects)} rejected")
        whole = self._whole(wish, resolved, runner, persons)
        self._store.create(whole.parts, persons)
        return whole, rejects

    def about_one(
        self,
        wish: Wish,
        record_ref: str,
        values: Mapping[str, str],
        runner: str,
        *,
        address_secret: bool = False,
    ) -> tuple[Whole, Persons]:
        """A question about one person that is not kept; Refusal with the reason if he cannot be asked about."""
        resolved = self._about_somebody(wish)
        row = SourceRow(1, record_ref, {resolved.kind.name: values}, {}, address_secret=address_secret)
        persons, rejects = self._pseudonyms(wish, resolved.kind, [row])
        if rejects:
            raise Refusal(rejects[0].reason, rejects[0].field)
        return self._whole(wish, resolved, runner, persons), persons

    def _about_somebody(self, wish: Wish) -> Resolved:
        if wish.answer == "count":
            raise Refusal("count_of_register_only")
        return self.resolve(wish)

    def _pseudonyms(self, wish: Wish, kind: Kind, rows: Iterable[SourceRow]) -> tuple[Persons, list[Reject]]:
        production = self._node.config.mode == "production"
        canonical: dict[str, bytes] = {}  # by reference, in order
        rejects: list[Reject] = []
        references = References()
        for row in references.passed(rows):
            judged = judge(row, production=production)
            rejects += judged.rejects
            value = judged.canonicals.get(kind.name)
            if value is None:
                continue
            if judged.ref in canonical:
                rejects.append(Reject(row.row, RECORD_REF, judged.ref, "record_ref_duplicate"))
                continue
            if wish.case_reference and kind.shows_in(row.identifiers[kind.name], wish.case_reference):
                raise Refusal("case_reference_is_identifier")
            canonical[judged.ref] = value
            if len(canonical) > LARGEST_ORDER:
                raise Refusal("query_too_large", f"more than {LARGEST_ORDER} persons")
        references.check()
        secrets = self._node.secrets
        elements = pseudonymise(
            kind.name,
            list(canonical.values()),
            secrets.domain_secret,
            secrets.register_scalar,
            self._executor,
        )
        return Persons(list(canonical), elements), rejects

    def _whole(self, wish: Wish, resolved: Resolved, runner: str, persons: Persons | None) -> Whole:
        whole_id = _new_id() if len(resolved.targets) > 1 else ""
        now = self._clock()
        parts = (
            Query(
                id=_new_id(),
                agreement_hash=content_hash(agreement),
                agreement_id=agreement.id,
                provider_oin=agreement.provider.oin,
                kind=resolved.kind.name,
                answer=wish.answer,
                source="register" if persons is None else "persons",
                runner=runner,
                created_at=now,
                purpose=wish.purpose or agreement.purpose,
                records=len(persons.refs) if persons else 0,
                whole_id=whole_id,
                question=question,
                case_reference=wish.case_reference,
                attributes=json.dumps(wish.attributes),
                standing=wish.standing,
            )
            for agreement, question in resolved.targets
        )
        return Whole(tuple(parts))


def _new_id() -> str:
    return os.urandom(ID_BYTES).hex()
