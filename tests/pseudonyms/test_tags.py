"""From canonical bytes to tag, on both sides: what must meet, and what must never meet."""

from collections.abc import Callable
from concurrent.futures import Executor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_node.limits import ELEMENT_BYTES, TAG_BYTES, TOKEN_BYTES
from linkage_node.matching import blinding, hit
from linkage_node.pseudonyms import group, pseudonymise
from linkage_node.pseudonyms.epoch_keys import EpochSecret, KeyLabel, derive_epoch_secret
from linkage_node.pseudonyms.keyed_hash import domain_key
from linkage_node.pseudonyms.sealing import length_prefixed
from linkage_node.pseudonyms.tags import MARK, marks, tags

DOMAIN = b"domain secret of these tests....."[:32]
SEED, BLINDS = bytes(range(32)), bytes(range(100, 132))
SCALAR_R, SCALAR_P = ((7919 + at).to_bytes(32, "little") for at in (0, 1))
LABEL = KeyLabel("00000099000000020000", "00000099000000010000", bytes(64), "purpose", "bsn", 3)
SECRET = derive_epoch_secret(SEED, LABEL, SCALAR_P)


def cut(packed: bytes, width: int) -> list[bytes]:
    """Packed things, one by one."""
    return [packed[at : at + width] for at in range(0, len(packed), width)]


def register(
    names: list[bytes], scalar: bytes, executor: Executor, *, kind: str = "bsn", domain: bytes = DOMAIN
) -> bytes:
    """The packed pseudonyms of a register."""
    return pseudonymise(kind, names, domain, scalar, executor)


def asked(
    elements: bytes,
    executor: Executor,
    *,
    secret: EpochSecret = SECRET,
    label: KeyLabel = LABEL,
    unblinder: bytes = SCALAR_R,
    unblind_seed: bytes = BLINDS,
) -> list[bytes]:
    """The tags that a requester gets for its elements, in the order of its elements."""
    return [mark[:TAG_BYTES] for mark in marked(elements, executor, secret, label, unblinder, unblind_seed)]


def marked(
    elements: bytes,
    executor: Executor,
    secret: EpochSecret = SECRET,
    label: KeyLabel = LABEL,
    unblinder: bytes = SCALAR_R,
    unblind_seed: bytes = BLINDS,
) -> list[bytes]:
    """Tag and claim token, one behind the other, of each of a requester's elements, in their order."""
    question = hit.blind(elements, BLINDS, executor)
    evaluated = hit.evaluate(secret, question.blinded, executor)
    packed = hit.unblind(
        evaluated,
        seed=unblind_seed,
        chunk=0,
        register_scalar=unblinder,
        label=label,
        public_key=secret.public_key,
        executor=executor,
    )
    got = cut(packed, MARK.itemsize)
    return [mark for _, mark in sorted(zip(question.places.tolist(), got, strict=True))]


def held(
    elements: bytes, executor: Executor, *, secret: EpochSecret = SECRET, label: KeyLabel = LABEL
) -> list[bytes]:
    """The tags that a provider computes of its own register."""
    return cut(hit.own_tags(secret, label, elements, executor), TAG_BYTES)


NAMES = [b"one", b"two", b"three", b"four", b"five"]


@settings(max_examples=25, deadline=None)
@given(
    ours=st.lists(st.binary(max_size=12), min_size=1, max_size=8, unique=True),
    theirs=st.lists(st.binary(max_size=12), max_size=8, unique=True),
    shared=st.lists(st.binary(max_size=12), max_size=4, unique=True),
)
def test_both_sides_meet_on_the_shared_and_on_nothing_else(
    executor: Executor, ours: list[bytes], theirs: list[bytes], shared: list[bytes]
) -> None:
    """For any two registers the requester's tags and the provider's are equal for exactly the shared values."""
    ours, theirs = list(dict.fromkeys(ours + shared)), list(dict.fromkeys(theirs + shared))
    got = asked(register(ours, SCALAR_R, executor), executor)
    known = set(held(register(theirs, SCALAR_P, executor), executor))
    assert [tag in known for tag in got] == [name in theirs for name in ours]
    assert len(known) == len(theirs)


def test_two_registers_share_no_pseudonym(executor: Executor) -> None:
    """The same clients have other pseudonyms at every organisation, so stolen registers cannot be joined."""
    one, other = (cut(register(NAMES, scalar, executor), 32) for scalar in (SCALAR_R, SCALAR_P))
    assert len({*one, *other}) == 2 * len(NAMES)


def test_pseudonyms_need_the_domain_secret(executor: Executor) -> None:
    """Another domain secret gives other pseudonyms under the same scalar, and other tags under the same key."""
    ours = register(NAMES, SCALAR_P, executor)
    theirs = register(NAMES, SCALAR_P, executor, domain=bytes(32))
    assert not set(cut(ours, 32)) & set(cut(theirs, 32))
    assert not set(held(ours, executor)) & set(held(theirs, executor))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_domain_secrets_have_32_bytes(length: int) -> None:
    """A domain secret of another length is refused."""
    with pytest.raises(ValueError, match="32 bytes"):
        domain_key(bytes(length), "bsn")


def test_kinds_never_meet(executor: Executor) -> None:
    """Elements of BSNs sent under kind household hit nothing, not even addresses with the same canonical bytes."""
    label = LABEL._replace(kind="household")
    secret = derive_epoch_secret(SEED, label, SCALAR_P)
    homes = register(NAMES, SCALAR_P, executor, kind="household")
    sneaked = asked(register(NAMES, SCALAR_R, executor, kind="bsn"), executor, secret=secret, label=label)
    honest = asked(
        register(NAMES, SCALAR_R, executor, kind="household"), executor, secret=secret, label=label
    )
    known = set(held(homes, executor, secret=secret, label=label))
    assert not known & set(sneaked)
    assert known == set(honest)


T_ALONE = SECRET._replace(k=SECRET.t)
WRONG: dict[str, Callable[[bytes, Executor], list[bytes]]] = {
    "another register scalar": lambda elements, pool: asked(elements, pool, unblinder=SCALAR_P),
    "no register scalar": lambda elements, pool: asked(elements, pool, unblinder=(1).to_bytes(32, "little")),
    "another blinding seed": lambda elements, pool: asked(elements, pool, unblind_seed=SEED),
    "evaluated with t alone": lambda elements, pool: asked(elements, pool, secret=T_ALONE),
    "evaluated with a alone": lambda elements, pool: asked(
        elements, pool, secret=SECRET._replace(k=SCALAR_P)
    ),
    "another epoch's key": lambda elements, pool: asked(
        elements, pool, secret=derive_epoch_secret(SEED, LABEL._replace(epoch=4), SCALAR_P)
    ),
    "another seed": lambda elements, pool: asked(
        elements, pool, secret=derive_epoch_secret(BLINDS, LABEL, SCALAR_P)
    ),
    "another public key in the context": lambda elements, pool: asked(
        elements, pool, secret=SECRET._replace(public_key=group.multiply_base(SCALAR_R))
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_key_anywhere_matches_nothing(wrong: str, executor: Executor) -> None:
    """Unblinding or evaluating with anything but the right key gives tags that nobody holds."""
    elements = register(NAMES, SCALAR_R, executor)
    known = set(held(register(NAMES, SCALAR_P, executor), executor))
    assert set(asked(elements, executor)) == known
    assert not known & set(WRONG[wrong](elements, executor))


CHANGED_LABELS = [
    LABEL._replace(provider_oin="00000099000000030000"),
    LABEL._replace(requester_oin="00000099000000030000"),
    LABEL._replace(agreement_hash=bytes(63) + b"\1"),
    LABEL._replace(purpose="purpose "),
    LABEL._replace(kind="household"),
    LABEL._replace(epoch=4),
    LABEL._replace(suite="P256-SHA256"),
]


def test_every_field_is_tried() -> None:
    """The table of changed labels has one for every field there is."""
    changed = [
        [name for name in KeyLabel._fields if getattr(label, name) != getattr(LABEL, name)]
        for label in CHANGED_LABELS
    ]
    assert sorted(changed) == sorted([name] for name in KeyLabel._fields)


@pytest.mark.parametrize("label", CHANGED_LABELS)
def test_every_field_of_the_label_changes_everything(label: KeyLabel, executor: Executor) -> None:
    """One other field: another key, and also under the same key other tags and other tokens for everybody."""
    assert not set(derive_epoch_secret(SEED, label, SCALAR_P)) & set(SECRET)
    lifted = group.multiply(SECRET.t, register(NAMES, SCALAR_P, executor))
    one = cut(marks(LABEL, SECRET.public_key, lifted), MARK.itemsize)
    other = cut(marks(label, SECRET.public_key, lifted), MARK.itemsize)
    for part in (slice(TAG_BYTES), slice(TAG_BYTES, None)):
        assert len({mark[part] for mark in [*one, *other]}) == 2 * len(NAMES)


def test_the_tag_does_not_give_the_token(executor: Executor) -> None:
    """A token is not a longer tag: who was sent all tags holds the beginning of no token."""
    lifted = group.multiply(SECRET.t, register(NAMES, SCALAR_P, executor))
    known = set(cut(tags(LABEL, SECRET.public_key, lifted), TAG_BYTES))
    both = cut(marks(LABEL, SECRET.public_key, lifted), MARK.itemsize)
    assert {mark[:TAG_BYTES] for mark in both} == known
    entitling = {mark[TAG_BYTES:] for mark in both}
    assert {len(token) for token in entitling} == {TOKEN_BYTES}
    assert len(entitling) == len(NAMES)
    assert not known & {token[:TAG_BYTES] for token in entitling}


def test_both_sides_meet_on_tag_and_token(executor: Executor) -> None:
    """The requester's marks are the provider's: who is found by his tag is claimed by the token beside it."""
    ours = marked(register(NAMES, SCALAR_R, executor), executor)
    theirs = hit.own_marks(SECRET, LABEL, register(NAMES, SCALAR_P, executor), executor)
    assert ours == cut(theirs, MARK.itemsize)
    assert b"".join(mark[:TAG_BYTES] for mark in ours) == hit.own_tags(
        SECRET, LABEL, register(NAMES, SCALAR_P, executor), executor
    )


def test_new_epochs_do_not_link_to_old_ones(executor: Executor) -> None:
    """The same register has no tag in common with itself in another epoch."""
    elements = register(NAMES, SCALAR_P, executor)
    label = LABEL._replace(epoch=4)
    later = held(elements, executor, secret=derive_epoch_secret(BLINDS, label, SCALAR_P), label=label)
    assert not set(held(elements, executor)) & set(later)


def test_blinded_elements_are_new_each_time(executor: Executor) -> None:
    """Two questions about the same clients have no element in common, nor with the register."""
    elements = register(NAMES, SCALAR_R, executor)
    one, other = (cut(hit.blind(elements, seed, executor).blinded, ELEMENT_BYTES) for seed in (SEED, BLINDS))
    assert len({*one, *other, *cut(elements, ELEMENT_BYTES)}) == 3 * len(NAMES)


@given(st.lists(st.binary(max_size=6), max_size=5), st.lists(st.binary(max_size=6), max_size=5))
def test_length_prefixed_is_injective(one: list[bytes], other: list[bytes]) -> None:
    """Two lists of parts look the same behind their lengths only if they are the same list."""
    assert (length_prefixed(*one) == length_prefixed(*other)) == (one == other)


@given(st.text("ab0", max_size=8), st.text("ab0", max_size=8), st.integers(0, 8))
def test_no_byte_moves_between_fields(purpose: str, kind: str, at: int) -> None:
    """A purpose and a kind that read the same one behind the other are different labels all the same."""
    joined = purpose + kind
    moved = LABEL._replace(purpose=joined[:at], kind=joined[at:])
    label = LABEL._replace(purpose=purpose, kind=kind)
    assert (moved.encode() == label.encode()) == (moved == label)


def test_bad_blinded_elements_are_not_evaluated(executor: Executor) -> None:
    """The provider's key touches no identity and no second encoding, wherever in a long batch it stands."""
    from linkage_node.errors import Refusal

    good = register([str(at).encode() for at in range(600)], SCALAR_R, executor)
    for bad in (bytes(32), good[:31] + bytes([good[31] | 0x80])):
        for at in (0, 300, 599):
            with pytest.raises(Refusal) as caught:
                hit.evaluate(SECRET, good[: at * 32] + bad + good[at * 32 + 32 :], executor)
            assert caught.value.code == "element_invalid"


def test_blinds_are_never_zero() -> None:
    """All blinds of a whole chunk are scalars of the group, none of them zero, and all different."""
    drawn = [int.from_bytes(scalar, "little") for scalar in cut(blinding.blinds(SEED, 0, 4096), 32)]
    assert all(0 < scalar < group.ORDER for scalar in drawn)
    assert len(set(drawn)) == 4096
