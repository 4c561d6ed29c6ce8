"""`agreements sign`, `reject`, `revoke`, `signatures` and `receive` as a privacy officer meets them."""

import json
from pathlib import Path
from typing import Any

import pytest

from linkage_node.asking.intake import Wish
from linkage_node.asking.schedule import Schedule
from linkage_node.assembly import Assembly
from linkage_node.cli.upgrade import upgrade
from linkage_node.diagnosis import State, diagnose
from linkage_node.errors import InputError, Refusal
from linkage_node.node import Node
from linkage_node.pseudonyms.parallel import local_executor
from tests.agreements.test_agreement_commands import run
from tests.integration.world import AGREEMENT, agreement_text
from tests.nodes import OIN_A, OIN_B, OIN_C, introduce, make_node
from tests.signed import add_signed, says


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A node that asks another, which does not run; they agreed on a text."""
    made = make_node(tmp_path / "asks", OIN_A), make_node(tmp_path / "answers", OIN_B)
    introduce(*made)
    for one in made:
        with Node.open(one) as node:
            node.agreements.add(agreement_text())
    return made[0]


def told(*words: str | Path) -> Any:
    """What a command prints as JSON."""
    return json.loads(run(*words, "--json").stdout)


def refused(*words: str | Path) -> str:
    """Why a command is refused."""
    with pytest.raises(Refusal) as refusal:
        run(*words)
    return refusal.value.code


def test_list_and_show_tell_whose_signature_is_missing(config: Path) -> None:
    """In words and for scripts; after signing it is the other's alone."""
    listed = run("list", "--config", config).stdout
    assert "not in force: your own signature and the signature of Answers are missing" in " ".join(
        listed.split()
    )
    assert run("sign", AGREEMENT, "--config", config).exit_code == 0
    assert "the signature of Answers is missing" in run("show", AGREEMENT, "--config", config).stderr
    shown = told("show", AGREEMENT, "--config", config)
    assert (shown["status"], shown["missing_signatures"]) == ("unsigned", [OIN_B])
    (listed_data,) = told("list", "--config", config)
    assert (listed_data["status"], listed_data["missing_signatures"]) == ("unsigned", [OIN_B])


def test_a_partner_that_is_down_is_told_with_the_way_out(config: Path) -> None:
    """Signed all the same: it says that the node will bring it, and how to hand it over."""
    signed = run("sign", AGREEMENT, "--config", config)
    said = " ".join(signed.stderr.split())
    assert signed.exit_code == 0
    assert "peer_unreachable" in said
    assert "Your node brings it while it serves" in said
    assert f"agreements signatures {AGREEMENT} --output FILE" in said
    (again,) = told("sign", AGREEMENT, "--config", config)
    assert (again["new"], again["delivered"], again["error"]) == (False, False, "peer_unreachable")


def test_a_partner_that_is_no_peer(config: Path) -> None:
    """Its card is missing: peer_unknown, and the file is a way out too."""
    with Node.open(config) as node:
        node.agreements.add(agreement_text(id="stranger", provider=OIN_C))
    (signed,) = told("sign", "stranger", "--config", config)
    assert (signed["delivered"], signed["error"]) == (False, "peer_unknown")


def test_what_is_unfinished_is_not_signed(config: Path) -> None:
    """A field that is still to be filled in, with --yes too."""
    with Node.open(config) as node:
        basis = {"id": "wgs-4a", "article": "TO FILL IN: the article"}
        node.agreements.add(agreement_text(id="open", legal_basis=basis))
    for more in ([], ["--yes"]):
        with pytest.raises(Refusal) as refusal:
            run("sign", "open", *more, "--config", config)
        assert (refusal.value.code, "legal_basis.article" in refusal.value.detail) == (
            "agreement_unfinished",
            True,
        )


def test_what_a_guardrail_refuses_is_signed_knowingly_or_not(config: Path) -> None:
    """The own policy says what may not be in it; --yes signs it, and it is refused at every question all the same."""
    terms: dict[str, Any] = {
        "answers": ["hit", "attributes"],
        "attributes": {"names": ["nationality"], "largest": 5},
    }
    with Node.open(config) as node:
        node.agreements.add(agreement_text(id="origin", **terms))
    assert refused("sign", "origin", "--config", config) == "special_category"
    (signed,) = told("sign", "origin", "--yes", "--config", config)
    assert signed["missing_signatures"] == [OIN_B]


def test_rejecting(config: Path) -> None:
    """No to what is not in force is final, and asks; what is in force is revoked instead."""
    with pytest.raises(InputError) as missing:
        run("reject", AGREEMENT, "--config", config)
    assert missing.value.code == "option_missing"
    (rejected,) = told("reject", AGREEMENT, "--yes", "--config", config)
    assert (rejected["status"], rejected["signed"]) == ("rejected", "reject")
    assert refused("sign", AGREEMENT, "--config", config) == "signature_final"
    with Node.open(config) as node:
        add_signed(node, agreement_text(id="running"))
    assert refused("reject", "running", "--config", config) == "agreement_in_force"


def test_revoking_says_what_ends_and_asks(config: Path) -> None:
    """Without --yes nothing is revoked where nobody can answer; what ends is told before."""
    with Node.open(config) as node, local_executor() as executor:
        add_signed(node, agreement_text(id="running"))
        assembly = Assembly(node, executor)
        assembly.standing.add("monthly", Wish("running"), Schedule.of("0 6 1 * *", "Europe/Amsterdam"))
    with pytest.raises(InputError) as missing:
        run("revoke", "running", "--config", config)
    assert missing.value.code == "option_missing"
    revoked = run("revoke", "running", "--yes", "--config", config)
    said = " ".join(revoked.stderr.split())
    for words in ("cannot be taken back", "0 queries'", "monthly", "the evidence"):
        assert words in said
    assert "nothing is asked or answered under it any more" in revoked.stdout
    assert told("show", "running", "--config", config)["status"] == "revoked"


def test_who_signed_what(config: Path, tmp_path: Path) -> None:
    """Each with its certificate; the own ones go into a file, and without any there is none."""
    file = tmp_path / "own.jws"
    assert refused("signatures", AGREEMENT, "--output", file, "--config", config) == "agreement_unsigned"
    assert not file.exists()
    run("sign", AGREEMENT, "--config", config)
    with Node.open(config) as node:
        says(node, node.agreements.get_by_id(AGREEMENT), OIN_B, "accept")
    shown = run("signatures", AGREEMENT, "--output", file, "--config", config).stdout
    for words in (OIN_A, OIN_B, "approved", "DEVELOPMENT CA", "it is in force"):
        assert words in shown
    data = told("signatures", AGREEMENT, "--config", config)
    assert [(one["oin"], one["type"], one["holds"]) for one in data["signatures"]] == [
        (OIN_A, "accept", True),
        (OIN_B, "accept", True),
    ]
    assert file.read_text().splitlines() == [data["signatures"][0]["jws"]]


def test_what_is_handed_over(config: Path, tmp_path: Path) -> None:
    """A file of the partner is taken in; one of oneself, of nobody's agreement, without anything, or the
    agreement itself is refused."""
    file = tmp_path / "own.jws"
    run("sign", AGREEMENT, "--config", config)
    run("signatures", AGREEMENT, "--output", file, "--config", config)
    assert refused("receive", file, "--config", config) == "signature_own"
    other = tmp_path / "answers" / "node.yaml"
    (received,) = told("receive", file, "--config", other)
    assert (received["received"], received["status"]) == (["accept"], "unsigned")
    assert "Nothing in it is new here." in run("receive", file, "--config", other).stdout
    run("remove", AGREEMENT, "--config", other)
    assert refused("receive", file, "--config", other) == "agreement_unknown"
    for content, code in (("\n", "file_empty"), ("overeenkomst: intake\n", "file_malformed")):
        file.write_text(content)
        with pytest.raises(InputError) as wrong:
            run("receive", file, "--config", other)
        assert wrong.value.code == code


@pytest.mark.parametrize(
    ("by", "kind", "words", "remedy"),
    [
        (None, "accept", "your own signature and the signature of Answers are missing", "agreements sign"),
        (OIN_A, "accept", "the signature of Answers is missing", "Ask them to sign"),
        (OIN_B, "revoke", "It was revoked", "agreements remove"),
        (OIN_B, "reject", "It was rejected", "agreements remove"),
    ],
)
def test_the_doctor_tells_what_is_missing(
    config: Path, by: str | None, kind: Any, words: str, remedy: str
) -> None:
    """An agreement that is not in force is a warning with what to do."""
    if by:
        with Node.open(config) as node:
            says(node, node.agreements.get_by_id(AGREEMENT), by, kind)
    (found,) = (one for one in diagnose(config) if one.check == "agreements")
    assert found.state is State.WARNING
    assert words in found.seen
    assert remedy in found.remedy


def test_the_upgrade_tells_what_waits_for_signatures(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Agreements of before have none: they are named, and that is no failure."""
    upgrade(config)
    said = " ".join(capsys.readouterr().err.split())
    assert f"Not in force until both organisations sign: {AGREEMENT}." in said
