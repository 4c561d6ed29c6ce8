"""Signatures beside a policy's file: each on a line of its own, in that file and no other."""

from pathlib import Path

import pytest

from linkage_node.errors import InputError
from linkage_node.policy.files import add_signature, read_signatures, signatures_of


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
