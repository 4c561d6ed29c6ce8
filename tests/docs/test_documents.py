"""What the documents say is so: commands and options exist, links lead somewhere, all reasons are told."""

import re
from pathlib import Path

import pytest

from linkage_node.reasons import REASONS
from tests.docs.commands import DOCUMENTS, ROOT, commands_in, fault_of
from tests.docs.reason_table import DOCUMENT, with_table

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_command_exists_with_its_options(document: Path) -> None:
    """Each `linkage-node ...` in a document is a command of this version, with options that it has."""
    found = list(commands_in(document.read_text(encoding="utf-8")))
    assert [fault for words in found if (fault := fault_of(words))] == []


def test_the_readme_and_guides_do_have_commands() -> None:
    """The search for commands finds some, so that the test above can fail."""
    for name in ("README.md", "docs/operator.md", "docs/functionaris.md"):
        assert len(list(commands_in((ROOT / name).read_text(encoding="utf-8")))) > 5


def test_a_command_that_does_not_exist_is_found() -> None:
    """Wrong commands, subcommands and options are each noticed."""
    text = (
        "`linkage-node mtach`, `linkage-node peers chek` and\n\n    linkage-node match --agreemnt x | cat\n"
    )
    assert [fault_of(words) for words in commands_in(text)] == [
        "linkage-node has no command mtach",
        "linkage-node peers has no command chek",
        "linkage-node match has no option --agreemnt",
    ]


def test_every_remedy_names_commands_that_exist() -> None:
    """What the node tells its user to run can be run."""
    for code, reason in REASONS.items():
        for words in commands_in(f"{reason.meaning} {reason.remedy}"):
            assert not fault_of(words), code


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_link_leads_to_a_file(document: Path) -> None:
    """Relative links lead to something that is there."""
    links = _LINK.findall(document.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []


def test_the_table_of_reasons_is_up_to_date() -> None:
    """docs/developer.md lists every reason code as it is; `python -m tests.docs.reason_table --write` mends it."""
    document = DOCUMENT.read_text(encoding="utf-8")
    assert with_table(document) == document
    assert all(f"| `{code}` |" in document for code in REASONS)


def test_no_document_or_example_holds_a_number_that_could_be_somebodys() -> None:
    """Every number that reads as a valid BSN is one for testing."""
    examples = [one for one in (ROOT / "docs" / "examples").iterdir() if one.is_file()]
    seen = 0
    for path in [*DOCUMENTS, *examples]:
        text = path.read_text(encoding="utf-8")
        for digits in re.findall(r"(?<![0-9])[0-9]{8,9}(?![0-9])", text):
            number = digits.zfill(9)
            seen += 1
            weighed = sum(w * int(d) for w, d in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), number, strict=True))
            assert weighed % 11 or number.startswith(("99999", "0000")), f"{path}: a number"
    assert seen > 10


def test_architecture_decisions_are_numbered_and_have_a_status() -> None:
    """Decisions are numbered without a gap, and each says whether it holds."""
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(one.name[:4]) for one in decisions] == list(range(1, len(decisions) + 1))
    assert all("**Status:** " in one.read_text(encoding="utf-8") for one in decisions)
