"""The policy as a file: the same bytes for the same content, and nothing in it but what belongs there."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.errors import InputError, LinkageError
from linkage_node.limits import BUNDLE_BYTES
from linkage_node.policy.archive import make_bundle, read_bundle
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.loading import BundlePolicy
from linkage_node.policy.opa import OpaDecisionPoint
from tests.activation.office import FULL, OWN, TRIED_WITH, contents, policy
from tests.opa_server import opa_server
from tests.policy.corpus import AGREEMENT, RULES, hash_of, question

BUNDLE = policy()
Members = list[tuple[tarfile.TarInfo, bytes]]


def members() -> Members:
    """What is in the file."""
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(BUNDLE.content))) as archive:
        return [(one, archive.extractfile(one).read()) for one in archive]  # type: ignore[union-attr]


def packed(parts: Members, tail: bytes = b"") -> bytes:
    """A file of these parts, as whoever tampers writes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for told, content in parts:
            archive.addfile(told, io.BytesIO(content))
    return gzip.compress(out.getvalue() + tail, mtime=0)


def with_file(name: str, content: bytes = b"x") -> bytes:
    """The policy with one more file."""
    told = tarfile.TarInfo(name)
    told.size = len(content)
    parts = [*members(), (told, content)]
    return packed(sorted(parts, key=lambda part: part[0].name))


def with_link(kind: bytes, name: str = "linkage/match/zz.rego") -> bytes:
    """The policy with one more rule file, that is a link, a device or a folder."""
    told = tarfile.TarInfo(name)
    told.type, told.linkname = kind, "/etc/passwd"
    return packed(sorted([*members(), (told, b"")], key=lambda part: part[0].name))


def with_text(name: str, change: Callable[[str], str]) -> bytes:
    """The policy with the text of one file changed."""
    parts = []
    for told, content in members():
        if told.name == name:
            changed = change(content.decode()).encode()
            assert changed != content
            told.size, content = len(changed), changed  # noqa: PLW2901
        parts.append((told, content))
    return packed(parts)


def with_data(change: Callable[[dict[str, Any]], None]) -> bytes:
    """The policy with its data changed."""

    def changed(text: str) -> str:
        data = json.loads(text)
        change(data)
        return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    return with_text("data.json", changed)


def approved_by_verdict(data: dict[str, Any]) -> None:
    """The verdict as somebody would like it."""
    content = hash_of(AGREEMENT)
    data["verdicts"][content[0]][content[1]][content] = {"findings": [], "anything": True}


def laxer(data: dict[str, Any]) -> None:
    """The agreement as somebody would like it."""
    data["agreements"][hash_of(AGREEMENT)]["purpose"] = "Anything"


def with_agreement(**changes: Any) -> bytes:
    """A policy over an agreement with other fields, its hash, verdict and revision with it."""
    return policy(of=contents({**AGREEMENT, **changes})).content


def limits(**changes: Any) -> dict[str, Any]:
    """The limits of the agreement with changes."""
    return {**AGREEMENT["limits"], **changes}


TAMPERED: dict[str, Callable[[], bytes]] = {
    "no_gzip": lambda: b"policy",
    "nothing": lambda: b"",
    "cut_off": lambda: BUNDLE.content[:-1],
    "something_behind": lambda: BUNDLE.content + b"x",
    "a_second_file_behind": lambda: BUNDLE.content + BUNDLE.content,
    "hidden_behind_the_end": lambda: packed(members(), b"hidden".ljust(512, b"\0")),
    "bomb": lambda: gzip.compress(bytes(BUNDLE_BYTES + 1), mtime=0),
    "empty": lambda: packed([]),
    "traversal": lambda: with_file("../rules.rego"),
    "traversal_inside": lambda: with_file("linkage/../../rules.rego"),
    "absolute": lambda: with_file("/linkage/rules.rego"),
    "backslash": lambda: with_file("linkage\\rules.rego"),
    "unknown_file": lambda: with_file("notes.txt"),
    "hidden_file": lambda: with_file(".signatures.json"),
    "test_of_rules_elsewhere": lambda: with_file("linkage/data.json", b"{}"),
    "data_among_cases": lambda: with_file("cases/data.yaml", b"verdicts: {}"),
    "symbolic_link": lambda: with_link(tarfile.SYMTYPE),
    "hard_link": lambda: with_link(tarfile.LNKTYPE),
    "device": lambda: with_link(tarfile.CHRTYPE),
    "folder": lambda: with_link(tarfile.DIRTYPE),
    "sparse": lambda: with_link(tarfile.GNUTYPE_SPARSE),
    "twice": lambda: packed(sorted([*members(), members()[-1]], key=lambda part: part[0].name)),
    "other_order": lambda: packed(members()[::-1]),
    "without_data": lambda: packed([one for one in members() if one[0].name != "data.json"]),
    "without_manifest": lambda: packed([one for one in members() if one[0].name != ".manifest"]),
    "other_rules": lambda: with_text("linkage/match/decision.rego", lambda text: text + "# more\n"),
    "other_agreement": lambda: with_data(laxer),
    "other_agreement_and_all_that_follows": lambda: (
        policy(
            of=FULL._replace(agreements={hash_of(AGREEMENT): {**AGREEMENT, "purpose": "Anything"}})
        ).content
    ),
    "agreement_with_an_unknown_field": lambda: with_agreement(evil="x"),
    "agreement_without_a_field": lambda: with_agreement(requester={}),
    "agreement_that_is_too_large": lambda: with_agreement(purpose="x" * 60_000),
    "whole_number_as_a_fraction": lambda: with_agreement(limits=limits(largest_query=10_000.0)),
    "number_as_text": lambda: with_agreement(limits=limits(largest_query="10000")),
    "one_for_true": lambda: with_agreement(proof=1),
    "default_left_out": lambda: with_agreement(limits=limits(result_retention_days=None)),
    "other_verdict": lambda: with_data(approved_by_verdict),
    "no_verdict": lambda: with_data(lambda data: data["verdicts"].clear()),
    "more_data": lambda: with_data(lambda data: data.update(more={})),
    "other_spelling": lambda: with_text("data.json", lambda text: text.replace("\n ", "\n  ", 1)),
    "not_a_number": lambda: with_data(lambda data: data["catalogue"].update(x=float("nan"))),
    "other_sequence": lambda: with_text(
        ".manifest", lambda text: text.replace('"sequence": 1', '"sequence": 0')
    ),
    "sequence_of_another_kind": lambda: with_text(
        ".manifest", lambda text: text.replace('"sequence": 1', '"sequence": true')
    ),
    "other_revision": lambda: with_text(
        ".manifest", lambda text: text.replace(BUNDLE.revision, "0" * len(BUNDLE.revision))
    ),
    "other_moment": lambda: with_text(".manifest", lambda text: text.replace("2026-11-22T", "\\u001b[2J")),
}


@pytest.mark.parametrize("attack", TAMPERED)
def test_what_was_tampered_with_is_refused(attack: str) -> None:
    """Whatever is not, byte for byte, what this node writes of its content is no policy."""
    with pytest.raises(LinkageError) as refused:
        read_bundle(TAMPERED[attack]())
    assert refused.value.code == "policy_tampered", refused.value.detail


@given(st.data())
def test_no_byte_can_be_changed_unseen(data: st.DataObject) -> None:
    """A file with one byte changed is refused, or is another file, by its digest, with the same content."""
    place = data.draw(st.integers(0, len(BUNDLE.content) - 1))
    changed = bytearray(BUNDLE.content)
    changed[place] ^= data.draw(st.integers(1, 255))
    assert sha256(changed).hexdigest() != BUNDLE.sha256
    code, found = "", BUNDLE
    try:
        found = read_bundle(bytes(changed))
    except LinkageError as error:
        code = error.code
    assert code in ("", "policy_tampered")
    assert found.contents == BUNDLE.contents


@given(st.binary(max_size=600))
def test_no_bytes_crash_the_reader(junk: bytes) -> None:
    """Neither as a file nor as what is in one."""
    for content in (junk, gzip.compress(junk, mtime=0)):
        with pytest.raises(LinkageError) as refused:
            read_bundle(content)
        assert refused.value.code == "policy_tampered"


def test_the_same_content_is_the_same_file() -> None:
    """In whatever order it was gathered; and it reads as what was written."""
    turned = FULL._replace(rules=dict(reversed(RULES.items())), tried_with=dict(reversed(TRIED_WITH.items())))
    assert policy(of=turned).content == BUNDLE.content
    assert read_bundle(BUNDLE.content) == BUNDLE
    assert policy(2).content != BUNDLE.content
    assert policy(2).revision == BUNDLE.revision


@pytest.mark.parametrize("name", ["../x.rego", "a b.rego", "x" * 120 + ".rego", "é.rego", "a/.b.rego"])
def test_names_that_no_bundle_can_hold(name: str) -> None:
    """They are refused when the policy is built, not when two officers have signed it."""
    with pytest.raises(InputError) as refused:
        make_bundle(
            contents(rules={**RULES, name: "package x\n"}), sequence=1, oin=OWN, built_at=BUNDLE.built_at
        )
    assert refused.value.code == "policy_invalid"


def test_a_real_opa_loads_the_same_file(tmp_path: Path) -> None:
    """An OPA server over the file decides as the embedded engine does, by the same revision."""
    file = tmp_path / "policy.tar.gz"
    file.write_bytes(BUNDLE.content)
    embedded = EmbeddedDecisionPoint(BundlePolicy(BUNDLE))
    with opa_server("--bundle", file) as url:
        server = OpaDecisionPoint(url)
        assert server.revision() == BUNDLE.revision
        for asked in (question(), question(purpose="Something else"), question(agreement_hash="00" * 64)):
            assert server.decide(asked) == embedded.decide(asked)
        assert server.decide(question()).allow
