"""What the two nodes of a simulation agreed on."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from tests.nodes import OIN_A, OIN_B

CHUNK = 8  # elements, so that a handful of people makes several messages
CHANGES = 3
LARGEST, PER_TOKEN = 6, 2
BUCKET, TRAPS = 22, 50  # persons of one category of a count that fit, of either side
SMALLEST_SET, SMALLEST_CELL = 3, 2
EPSILON = 9.0  # of the register in a year
FIRST_DAY = date(2031, 12, 1)
START_MS = int(datetime(2031, 12, 1, 9, tzinfo=UTC).timestamp()) * 1000
HITS, LADDER = "simulated", "ladder"
EPOCH_DAYS = {HITS: 3, LADDER: 2}
BUDGET = {HITS: 16, LADDER: 160}
SETS = [(HITS, "bsn"), (LADDER, "bsn"), (LADDER, "household")]
NAMES = ("desk", "phone")
SECRET_VALUE = "Kamer van "  # begins what must stand in no database as it is
DISTRICTS, DEBTS = ("north", "south"), ("yes", "no")


class Question(NamedTuple):
    """One of the catalogue."""

    id: str
    epsilon: float
    every: str
    debts: tuple[str, ...] = ()  # of the requester
    districts: tuple[str, ...] = ()  # of the provider
    other: bool = False

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns."""
        return tuple(len(side) + self.other if side else 1 for side in (self.debts, self.districts))  # type: ignore[return-value]

    @property
    def agreed(self) -> dict[str, Any]:
        """As it stands in the agreement."""
        sides = {"by_requester": ("debts", self.debts), "by_provider": ("district", self.districts)}
        return {"id": self.id, "epsilon": self.epsilon, "every": self.every} | {
            side: {"attribute": attribute, "values": list(values), "other": self.other}
            for side, (attribute, values) in sides.items()
            if values
        }


CATALOGUE = {
    one.id: one
    for one in (
        Question("all", 1.0, "day"),
        Question("district", 0.5, "week", districts=DISTRICTS),
        Question("both", 0.5, "month", debts=DEBTS, districts=DISTRICTS, other=True),
    )
}
_COMMON: dict[str, Any] = {
    "purpose_category": "intake",
    "legal_basis": {"id": "wgs-4a", "article": "Wgs art. 4a"},
    "requester": {"kind": "municipality", "oin": OIN_A},
    "provider": {"kind": "credit_bank", "oin": OIN_B},
    "valid_from": FIRST_DAY,
    "valid_until": FIRST_DAY + timedelta(days=20_000),
    "tag_set": {"bucket": 32, "changes": CHANGES, "every_hours": 12},
}
AGREEMENTS = [
    _COMMON
    | {
        "id": HITS,
        "purpose": "Simulating",
        "kinds": ["bsn"],
        "answers": ["hit"],
        "epoch_days": EPOCH_DAYS[HITS],
        "limits": {"evaluations_per_day": BUDGET[HITS], "largest_query": 100},
    },
    _COMMON
    | {
        "id": LADDER,
        "purpose": "Climbing",
        "kinds": ["bsn", "household"],
        "answers": ["count", "hit", "attributes"],
        "receipts": True,
        "epoch_days": EPOCH_DAYS[LADDER],
        "limits": {"evaluations_per_day": BUDGET[LADDER], "largest_query": 100},
        "attributes": {"names": list(NAMES), "largest": LARGEST, "per_token": PER_TOKEN},
        "count": {
            "requester_bucket": BUCKET,
            "provider_bucket": BUCKET + TRAPS,
            "smallest_set": SMALLEST_SET,
            "smallest_cell": SMALLEST_CELL,
            "questions": [one.agreed for one in CATALOGUE.values()],
        },
    },
]
