"""What a query is about: the distinct elements of a register or of a list of persons, and whose each of them is."""

from collections.abc import Callable, Iterator
from itertools import compress
from typing import NamedTuple

import numpy as np

from linkage_node.asking.memory import NO_TAGS, OwnTags
from linkage_node.asking.queries import Persons
from linkage_node.limits import ELEMENT_BYTES, PACK_ROWS
from linkage_node.pseudonyms.tags import MARK
from linkage_node.register.root import element_ids_of
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database

STRANGER = -1  # in the place of an element's id: not in the own register, so its tag is not remembered
Places = tuple[list[str], np.ndarray]  # references, and the position of the element of each, int64


class Items(NamedTuple):
    """The distinct elements that a query is about, and what is known of them already."""

    ids: np.ndarray  # element ids in the own register, int64, or STRANGER; shape (n,)
    marks: np.ndarray  # tags and claim tokens (MARK); zeros where not known; shape (n,)
    missing: np.ndarray  # positions that are not known, int64; shape (m,)
    elements: bytes  # packed elements of those, m·32 bytes


def register_items(database: Database, register: RegisterStore, kind: str, known: OwnTags) -> Items:
    """All elements of the own register of this kind; only those whose mark is missing are read."""
    ids = element_ids_of(database, kind)
    wanted = ids[~_is_in(ids, known.ids)]
    read = [wanted[:0]]
    elements = bytearray()
    if len(wanted):
        for chunk_ids, packed in register.distinct_elements(kind, after_id=int(wanted[0]) - 1):
            rows = np.frombuffer(packed, dtype=f"V{ELEMENT_BYTES}")
            asked = _is_in(chunk_ids, wanted)
            read.append(chunk_ids[asked])
            elements += rows[asked].tobytes()
    # Who left the register since its ids were read is not asked about; else all others would get a neighbour's tag.
    ids = ids[_is_in(ids, known.ids) | _is_in(ids, np.concatenate(read))]
    marks, missing = _with_known(ids, known)
    return Items(ids, marks, missing, bytes(elements))


def person_items(
    register: RegisterStore, kind: str, persons: Persons, known: Callable[[], OwnTags]
) -> tuple[Items, np.ndarray]:
    """The distinct elements of a list of persons, and for each person the position of his element."""
    rows = np.frombuffer(persons.elements, dtype=f"S{ELEMENT_BYTES}")
    _, first, position = np.unique(rows, return_index=True, return_inverse=True)
    distinct = np.frombuffer(persons.elements, dtype=f"V{ELEMENT_BYTES}")[first]
    ids = register.element_ids(kind, distinct.tobytes())
    marks, missing = _with_known(ids, known() if (ids != STRANGER).any() else NO_TAGS)
    return Items(ids, marks, missing, distinct[missing].tobytes()), position


def _with_known(ids: np.ndarray, known: OwnTags) -> tuple[np.ndarray, np.ndarray]:
    marks = np.zeros(len(ids), dtype=MARK)
    found = _is_in(ids, known.ids)
    marks[found] = known.marks[np.searchsorted(known.ids, ids[found])]
    return marks, np.flatnonzero(~found)


def _is_in(ids: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Which ids are among sorted ids."""
    if not len(among):
        return np.zeros(len(ids), dtype=bool)
    at = np.minimum(np.searchsorted(among, ids), len(among) - 1)
    found: np.ndarray = among[at] == ids
    return found


def register_places(register: RegisterStore, kind: str, asked: np.ndarray) -> Iterator[Places]:
    """Every record whose element was asked about (sorted element ids), and the position of its element among them.

    Records that came while the question was under way are left out: they were not asked about.
    """
    for refs, ids in register.links(kind):
        known = _is_in(ids, asked)
        yield list(compress(refs, known)), np.searchsorted(asked, ids[known])


def person_places(persons: Persons, position: np.ndarray) -> Iterator[Places]:
    """Every person, and the position of his element; `position` has one for each, in order."""
    for start in range(0, len(persons.refs), PACK_ROWS):
        yield persons.refs[start : start + PACK_ROWS], position[start : start + PACK_ROWS]
