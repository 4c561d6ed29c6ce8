"""Every way to bring a policy into force without two officers is refused, each with its own reason, on record."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.api_jws import PyJWS

from linkage_node import jws
from linkage_node.clock import now_ms
from linkage_node.config import Officer
from linkage_node.errors import InputError, LinkageError, Refusal
from linkage_node.limits import (
    POLICY_NUMBER,
    POLICY_NUMBERS_SKIPPED,
    POLICY_SIGNATURE_SECONDS,
    SIGNATURE_SKEW_SECONDS,
)
from linkage_node.node import Node
from linkage_node.policy import activation, approval
from linkage_node.policy.archive import Bundle, read_bundle
from tests.activation.office import (
    ANNA,
    BERT,
    CARL,
    EMPTY,
    FULL,
    OFFICERS,
    TRIED_WITH,
    codes,
    contents,
    make_office,
    name_officers,
    person,
    policy,
    put_into_force,
    signed,
)
from tests.nodes import OIN_C, make_node
from tests.policy.corpus import AGREEMENT, RULES

IN_FORCE = 5  # sequence number of the policy that no attack may replace
NEXT = policy(IN_FORCE + 1)
ANOTHER: dict[str, object] = {"revision": "0" * 16, "sequence": IN_FORCE + 2}
ELSEWHERE = "elsewhere: {why: Of another one., stored: not-in-this-policy, reasons: []}\n"
FAILING = TRIED_WITH["cases/own.yaml"].replace("[purpose_not_agreed]", "[agreement_expired]")


class Attack(NamedTuple):
    """What is brought to be activated, and the reason that it is refused for."""

    code: str
    content: bytes
    signatures: list[str]


def claimed(bundle: Bundle, key: Ed25519PrivateKey, name: str, **changes: object) -> str:
    """A signature that says to be of this name, with whatever else it says."""
    header = {
        "kid": name,
        "typ": approval.TYP,
        **{key: changes.pop(key) for key in ("typ",) if key in changes},
    }
    payload = {**approval.Said.of(bundle)._asdict(), "signed_at": now_ms() // 1000, **changes}
    return jws.sign(payload, key, header)


def both(bundle: Bundle, **changes: object) -> list[str]:
    """What two officers can be made to sign who do not look."""
    return [claimed(bundle, one.key, one.officer.name, **changes) for one in (ANNA, BERT)]


def by(bundle: Bundle, *signatures: str, code: str) -> Attack:
    """A policy with these signatures."""
    return Attack(code, bundle.content, list(signatures))


def changed_byte(bundle: Bundle) -> Attack:
    """One byte of the file."""
    content = bytearray(bundle.content)
    content[len(content) // 2] ^= 1
    return Attack("policy_tampered", bytes(content), signed(bundle))


def without_algorithm(bundle: Bundle, public: bytes) -> str:
    """A signature of the public key, taken for a shared secret."""
    payload = jws.verified(signed(bundle, BERT)[0], BERT.key.public_key())
    text = str(payload).replace("'", '"').encode()
    header = {"kid": BERT.officer.name, "typ": approval.TYP}
    return PyJWS().encode(text, public, "HS256", headers=header)


def attacks() -> dict[str, Callable[[], Attack]]:
    """All of them; each is made when it is tried."""
    anna, bert = signed(NEXT, ANNA)[0], signed(NEXT, BERT)[0]
    tampered = replace(NEXT, content=policy(IN_FORCE + 1, EMPTY).content)
    foreign = policy(IN_FORCE + 1, oin=OIN_C)
    other = policy(IN_FORCE + 2)
    ahead = now_ms() // 1000 + SIGNATURE_SKEW_SECONDS + 3600  # seconds; the tests before these take some
    name, public = BERT.officer.name, BERT.key.public_key().public_bytes_raw()
    failing = policy(IN_FORCE + 1, FULL._replace(tried_with={**TRIED_WITH, "cases/own.yaml": FAILING}))
    untried = policy(IN_FORCE + 1, FULL._replace(tried_with={}))
    month_ago = now_ms() // 1000 - POLICY_SIGNATURE_SECONDS - 60
    far, last = policy(IN_FORCE + POLICY_NUMBERS_SKIPPED + 1), policy(POLICY_NUMBER)
    junk = replace(NEXT, content=b"no policy")
    elsewhere = policy(IN_FORCE + 1, EMPTY._replace(tried_with={"cases/own.yaml": ELSEWHERE}))
    silent = {**RULES, "linkage/match/decision.rego": "package linkage.match\n"}
    unread = policy(IN_FORCE + 1, contents({**AGREEMENT, "evil": "x"}))
    broken = policy(IN_FORCE + 1, contents(AGREEMENT, rules=silent))
    return {
        "not_signed": lambda: by(NEXT, code="policy_unsigned"),
        "signed_by_one": lambda: by(NEXT, anna, code="officer_missing"),
        "third_party": lambda: by(NEXT, anna, *signed(NEXT, CARL), code="officer_unknown"),
        "third_party_beside_two": lambda: by(NEXT, anna, bert, *signed(NEXT, CARL), code="officer_unknown"),
        "third_party_as_an_officer": lambda: by(
            NEXT, anna, claimed(NEXT, CARL.key, name), code="signature_invalid"
        ),
        "officer_as_another": lambda: by(NEXT, anna, claimed(NEXT, ANNA.key, name), code="signature_invalid"),
        "officer_twice": lambda: by(NEXT, anna, anna, code="officer_signed_twice"),
        "officer_twice_at_two_moments": lambda: by(
            NEXT, anna, *signed(NEXT, ANNA, seconds=1_700_000_000), code="officer_signed_twice"
        ),
        "officer_in_two_spellings": lambda: by(
            NEXT, anna, claimed(NEXT, ANNA.key, "ANNA  de vries"), code="officer_signed_twice"
        ),
        "public_key_as_a_secret": lambda: by(
            NEXT, anna, without_algorithm(NEXT, public), code="signature_invalid"
        ),
        "changed_signature": lambda: by(NEXT, anna, bert[:-4] + "AAAA", code="signature_invalid"),
        "no_signature_at_all": lambda: by(NEXT, anna, "junk", code="signature_invalid"),
        "under_an_agreement": lambda: by(
            NEXT, anna, claimed(NEXT, BERT.key, name, typ="linkage-agreement+jws"), code="signature_invalid"
        ),
        "without_a_moment": lambda: by(
            NEXT, anna, claimed(NEXT, BERT.key, name, signed_at="now"), code="signature_invalid"
        ),
        "saying_more": lambda: by(
            NEXT, anna, claimed(NEXT, BERT.key, name, but="no"), code="policy_tampered"
        ),
        "from_the_future": lambda: by(
            NEXT, anna, *signed(NEXT, BERT, seconds=ahead), code="signature_outdated"
        ),
        "of_another_policy": lambda: by(NEXT, anna, *signed(other, BERT), code="policy_tampered"),
        "both_of_another_policy": lambda: by(NEXT, *signed(other), code="policy_tampered"),
        "of_another_sequence": lambda: by(
            NEXT, anna, claimed(NEXT, BERT.key, name, sequence=IN_FORCE + 9), code="policy_tampered"
        ),
        "of_another_organisation": lambda: by(NEXT, anna, *signed(foreign, BERT), code="policy_foreign"),
        "another_content": lambda: Attack("policy_tampered", tampered.content, signed(NEXT)),
        "changed_byte": lambda: changed_byte(NEXT),
        "foreign": lambda: by(foreign, *signed(foreign), code="policy_foreign"),
        "older": lambda: by(policy(IN_FORCE - 1), *signed(policy(IN_FORCE - 1)), code="policy_older"),
        "as_old": lambda: by(policy(IN_FORCE, FULL), *signed(policy(IN_FORCE, FULL)), code="policy_older"),
        "far_ahead": lambda: by(far, *signed(far), code="policy_ahead"),
        "the_last_number": lambda: by(last, *signed(last), code="policy_ahead"),
        "a_month_old": lambda: by(
            NEXT, anna, *signed(NEXT, BERT, seconds=month_ago), code="signature_outdated"
        ),
        "both_saying_no_number": lambda: by(NEXT, *both(NEXT, sequence="6"), code="policy_tampered"),
        **{
            f"both_saying_another_{name}": lambda name=name, value=value: by(  # type: ignore[misc]
                NEXT, *both(NEXT, **{name: value}), code="policy_tampered"
            )
            for name, value in ANOTHER.items()
        },
        "junk_that_both_signed": lambda: by(junk, *signed(junk), code="policy_tampered"),
        "failing_its_cases": lambda: by(failing, *signed(failing), code="policy_tests_failed"),
        "without_cases": lambda: by(untried, *signed(untried), code="policy_tests_failed"),
        "whose_cases_are_all_about_others": lambda: by(
            elsewhere, *signed(elsewhere), code="policy_tests_failed"
        ),
        "over_an_agreement_that_no_model_takes": lambda: by(unread, *signed(unread), code="policy_tampered"),
        "deciding_nothing": lambda: by(broken, *signed(broken), code="policy_invalid"),
    }


ATTACKS = attacks()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node with two officers and a policy over no agreement in force."""
    with Node.open(make_office(tmp_path_factory.mktemp("attacks"))) as made:
        put_into_force(made, policy(IN_FORCE, EMPTY))
        yield made


@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_brings_a_policy_into_force(node: Node, name: str) -> None:
    """It is refused for its own reason, the evidence tells, and what was in force still is."""
    attack = ATTACKS[name]()
    before = codes(node)
    with pytest.raises(LinkageError) as refused:
        node.activations.activate(attack.content, attack.signatures, now_ms())
    assert refused.value.code == attack.code, refused.value.detail
    assert codes(node) == [*before, attack.code]
    assert [one.sequence for one in node.activations.history()] == [IN_FORCE]
    assert node.active_policy is not None
    assert node.active_policy.current().bundle == policy(IN_FORCE, EMPTY)


AFTER_SIGNATURES = {
    *(f"both_saying_another_{name}" for name in ANOTHER),
    *("junk_that_both_signed", "failing_its_cases", "without_cases", "whose_cases_are_all_about_others"),
    "deciding_nothing",
    "over_an_agreement_that_no_model_takes",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_of_an_attack_is_read_before_its_signatures_hold(
    node: Node, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not signed by two officers, for this node and as the next policy, is no JSON and no Rego to anybody."""
    read: list[bytes] = []

    def reading(content: bytes) -> Bundle:
        read.append(content)
        return read_bundle(content)

    monkeypatch.setattr(activation, "read_bundle", reading)
    attack = ATTACKS[name]()
    with pytest.raises(LinkageError):
        node.activations.activate(attack.content, attack.signatures, now_ms())
    assert read == ([attack.content] if name in AFTER_SIGNATURES else [])


def test_a_number_may_skip_some(node: Node) -> None:
    """Up to a limit above the highest that was in force; files that were built and never used cost their numbers."""
    node.activations.check_next(IN_FORCE + POLICY_NUMBERS_SKIPPED)
    with pytest.raises(Refusal) as refused:
        node.activations.check_next(IN_FORCE + POLICY_NUMBERS_SKIPPED + 1)
    assert refused.value.code == "policy_ahead"


def test_one_key_under_two_names_is_one_officer() -> None:
    """Also where the configuration did not see it: who signed is told by the key."""
    double = person("Anna de Boer", ANNA.officer.name)
    with pytest.raises(Refusal) as refused:
        approval.verified(signed(NEXT, ANNA, double), [ANNA.officer, double.officer], now_ms() // 1000)
    assert refused.value.code == "officer_signed_twice"
    assert len(approval.verified(signed(NEXT), OFFICERS, now_ms() // 1000)) == 2


def test_a_key_signs_for_its_officer_only() -> None:
    """With a colleague's name nobody gets a signature out of his key."""
    with pytest.raises(InputError) as refused:
        approval.approve(NEXT, BERT.officer, ANNA.key, now_ms() // 1000)
    assert refused.value.code == "officer_key_unusable"


@pytest.mark.parametrize(
    ("officers", "why"),
    [
        ([ANNA.officer], "nobody approves alone"),
        ([ANNA.officer, ANNA.officer], "the same name or the same key"),
        ([ANNA.officer, person("Anna de Boer", ANNA.officer.name).officer], "the same name or the same key"),
        ([ANNA.officer, person("anna  DE VRIES").officer], "the same name or the same key"),
    ],
    ids=["one", "twice", "one_key", "one_name"],
)
def test_a_configuration_names_different_officers(tmp_path: Path, officers: list[Officer], why: str) -> None:
    """Two of them, by name and by key; the fault is told with its line."""
    config = make_node(tmp_path / "node")
    name_officers(config, officers)
    line = config.read_text().splitlines().index("officers:") + 1
    with pytest.raises(InputError) as refused:
        Node.open(config)
    assert f"node.yaml:{line}: officers: " in refused.value.detail
    assert why in refused.value.detail


def test_a_key_is_written_in_one_way(tmp_path: Path) -> None:
    """Base64 has bits to spare in its last position; with other ones there it would be the same key once more."""
    config = make_node(tmp_path / "node")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = letters[letters.index(ANNA.officer.key[-2]) + 1]
    name_officers(config)
    config.write_text(config.read_text().replace(BERT.officer.key, f"{ANNA.officer.key[:-2]}{last}="))
    with pytest.raises(InputError) as refused:
        Node.open(config)
    assert "the last position" in refused.value.detail
