"""Takes a question in: which agreement, which kind, about whom. Identifiers end here; what goes on is pseudonyms."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from typing import NamedTuple

from linkage_node.agreements import Agreement, content_hash
from linkage_node.asking.queries import Persons, Query, QueryStore
from linkage_node.errors import Refusal
from linkage_node.identifiers.kinds import Kind, find_kind
from linkage_node.limits import LARGEST_ORDER
from linkage_node.matching.orders import ID_BYTES
from linkage_node.node import Node
from linkage_node.pseudonyms import pseudonymise
from linkage_node.register.rows import RECORD_REF, References, Reject, SourceRow, judge


class Wish(NamedTuple):
    """What somebody wants to ask. Empty fields mean what the agreement says."""

    agreement_id: str
    provider_oin: str = ""
    kind: str = ""
    answer: str = "hit"
    purpose: str = ""
    question: str = ""  # count: id in the catalogue; "": the one that is broken down by `group_by`
    group_by: tuple[str, ...] = ()  # count: attributes
    case_reference: str = ""  # attributes
    attributes: tuple[str, ...] = ()  # attributes: names; none: all that the agreement names
    standing: str = ""  # name of the standing question that asks


class Intake:
    """Turns wishes into queries."""

    def __init__(self, node: Node, store: QueryStore, executor: Executor, clock: Callable[[], int]) -> None:
        self._node, self._store, self._executor, self._clock = node, store, executor, clock

    def resolve(self, wish: Wish) -> tuple[Agreement, Kind]:
        """The agreement and identifier kind of a wish. What policy must judge is left to policy."""
        agreement = self._node.agreements.get_by_id(wish.agreement_id)
        if agreement.requester.oin != self._node.config.oin:
            raise Refusal(
                "requester_not_in_agreement", f"{agreement.id}: its requester is {agreement.requester.oin}"
            )
        if wish.provider_oin and wish.provider_oin != agreement.provider.oin:
            raise Refusal(
                "provider_not_in_agreement", f"{agreement.id}: its provider is {agreement.provider.oin}"
            )
        return agreement, find_kind(wish.kind or agreement.kinds[0])

    def about_register(self, wish: Wish, runner: str) -> Query:
        """A query about every record of the own register."""
        query = self._query(wish, *self.resolve(wish), runner, None)
        self._store.create(query, None)
        return query

    def about_persons(self, wish: Wish, rows: Iterable[SourceRow], runner: str) -> tuple[Query, list[Reject]]:
        """A query about persons, and those that cannot be asked about; Refusal if nobody is left."""
        agreement, kind = self.resolve(wish)
        persons, rejects = self._pseudonyms(kind, rows)
        if not persons.refs:
            raise Refusal("no_usable_persons", f"{len(rejects)} rejected")
        query = self._query(wish, agreement, kind, runner, persons)
        self._store.create(query, persons)
        return query, rejects

    def about_one(
        self,
        wish: Wish,
        record_ref: str,
        values: Mapping[str, str],
        runner: str,
        *,
        address_secret: bool = False,
    ) -> tuple[Query, Persons]:
        """A query about one person that is not kept; Refusal with the reason if he cannot be asked about."""
        agreement, kind = self.resolve(wish)
        row = SourceRow(1, record_ref, {kind.name: values}, {}, address_secret=address_secret)
        persons, rejects = self._pseudonyms(kind, [row])
        if rejects:
            raise Refusal(rejects[0].reason, rejects[0].field)
        return self._query(wish, agreement, kind, runner, persons), persons

    def _pseudonyms(self, kind: Kind, rows: Iterable[SourceRow]) -> tuple[Persons, list[Reject]]:
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

    def _query(
        self, wish: Wish, agreement: Agreement, kind: Kind, runner: str, persons: Persons | None
    ) -> Query:
        return Query(
            id=os.urandom(ID_BYTES).hex(),
            agreement_hash=content_hash(agreement),
            agreement_id=agreement.id,
            provider_oin=agreement.provider.oin,
            kind=kind.name,
            answer=wish.answer,
            source="register" if persons is None else "persons",
            runner=runner,
            created_at=self._clock(),
            purpose=wish.purpose or agreement.purpose,
            records=len(persons.refs) if persons else 0,
            question=wish.question,
            case_reference=wish.case_reference,
            attributes=json.dumps(wish.attributes),
            standing=wish.standing,
        )
