"""A policy and its signatures as files: each on a line of its own, in no other file; and what names the policy."""

from pathlib import Path

import pytest

from linkage_node.cli.policy_tell import tell_bundle
from linkage_node.errors import InputError
from linkage_node.policy.building import changes
from linkage_node.policy.files import add_signature, read_policy, read_signatures, signatures_of
from linkage_node.policy.known import policy_of
from linkage_node.policy.source import REVISION_CHARACTERS
from tests.activation.office import FULL, policy


@pytest.mark.parametrize("before", ["", "one\n", "one"])
def test_a_signature_stands_on_a_line_of_its_own(tmp_path: Path, before: str) -> None:
    """Also if the last newline was lost on the way: two signatures glued together would be none."""
    policy = tmp_path / "p"
    signatures_of(policy).write_text(before)
    add_signature(policy, "two")
    add_signature(policy, "three")
    assert signatures_of(policy).read_text() == (f"{before.strip()}\n" if before else "") + "two\nthree\n"
    assert read_signatures(policy) == [*before.split(), "two", "three"]


def test_a_first_signature_makes_the_file(tmp_path: Path) -> None:
    """It was not there."""
    add_signature(tmp_path / "p", "one")
    assert (tmp_path / "p.signatures").read_text() == "one\n"


@pytest.mark.parametrize("there", [True, False])
def test_a_signature_goes_through_no_link(tmp_path: Path, there: bool) -> None:
    """Who lays a link in a shared folder gets no line into a file of the officer's."""
    target = tmp_path / "target"
    if there:
        target.write_text("kept")
    signatures_of(tmp_path / "p").symlink_to(target)
    with pytest.raises(InputError) as refused:
        add_signature(tmp_path / "p", "one")
    assert (refused.value.code, target.exists()) == ("file_unwritable", there)
    assert not there or target.read_text() == "kept"


def test_names_that_are_hashes_are_too_long_to_be_made_again(capsys: pytest.CaptureFixture[str]) -> None:
    """An officer sees 64 bits of an agreement's hash at the least, and 128 of a policy's revision."""
    bundle = policy(1)
    (content,) = FULL.agreements
    (added,) = changes(None, bundle.contents).agreements_added
    tell_bundle(bundle, None)
    assert f"({content[:16]})" in added
    assert added in " ".join(capsys.readouterr().out.split())
    assert len(bundle.revision) == REVISION_CHARACTERS == 32


@pytest.mark.parametrize("content", [b"", b"purpose: something\n", b"PK\x03\x04"])
def test_a_file_of_another_sort_is_no_tampered_policy(tmp_path: Path, content: bytes) -> None:
    """An agreement, an empty file, an archive of another kind: nobody changed a policy, so nobody is looked for."""
    (tmp_path / "intake.yaml").write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_policy(tmp_path / "intake.yaml")
    assert refused.value.code == "file_malformed"
    with pytest.raises(InputError) as refused:
        policy_of(str(tmp_path / "intake.yaml"), None)
    assert (refused.value.code, refused.value.hint) == (
        "file_malformed",
        "Give a file that `policy build` wrote.",
    )
    (tmp_path / "policy").write_bytes(policy().content)
    assert read_policy(tmp_path / "policy") == policy().content
