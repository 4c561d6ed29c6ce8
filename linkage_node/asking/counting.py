"""The requester's side of a count: from its own register to a released table that was checked."""

from collections.abc import Callable

from linkage_node.agreements import Agreement
from linkage_node.asking.journal import Journal
from linkage_node.asking.queries import Query
from linkage_node.errors import Refusal
from linkage_node.pseudonyms.epoch_keys import KeyLabel


class Counting:
    """Counts for one query at a time."""

    def run(
        self,
        query: Query,
        agreement: Agreement,
        label: KeyLabel,
        journal: Journal,
        report: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """Ask, check, keep the table sealed, end the query as done; `report` is told elements done and in all."""
        raise Refusal("answer_not_offered", query.answer)
