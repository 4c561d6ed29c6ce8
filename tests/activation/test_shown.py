"""What officers are shown before they sign: what is refused whatever an agreement says, and whose rules these are."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from linkage_node import __version__
from linkage_node.cli.language import speak
from linkage_node.cli.policy import policy_app
from linkage_node.cli.policy_tell import tell_bundle
from linkage_node.errors import Refusal
from linkage_node.limits import POLICY_NUMBER
from linkage_node.node import Node
from linkage_node.policy import archive
from linkage_node.policy.archive import Bundle
from linkage_node.policy.building import unlike_product
from linkage_node.policy.officer_key import make_key
from linkage_node.secrets import write_private
from tests.activation.office import ANNA, PASSPHRASE, contents, make_office, policy
from tests.nodes import OIN_C, edit
from tests.policy.corpus import AGREEMENT, EXAMPLE, RULES

# A credit bank is not an organisation that pays social assistance.
REFUSED = EXAMPLE.read_text().replace("kind: benefits_agency", "kind: credit_bank")
FOUND = "legal_basis_not_for_organisation"
IN_DUTCH = "antwoorder.soort: de grondslag noemt deze soort organisatie niet als antwoorder"


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """The node.yaml of a node with officers; Anna's key stands beside it."""
    made = make_key(tmp_path / "key", ANNA.officer.name, PASSPHRASE)
    write_private(tmp_path / "passphrase", PASSPHRASE.encode())
    path = make_office(tmp_path)
    edit(path, ANNA.officer.key, made.key)
    yield path
    speak("en")


def ran(config: Path, command: str, file: Path, *options: object) -> Result:
    """An officer's command over a policy's file."""
    words = [command, file, *options, "--config", config]
    result = CliRunner().invoke(policy_app, [*map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def signed(config: Path, file: Path, *options: object) -> Result:
    """Anna signs it."""
    beside = config.parent.parent
    by_her = ("--officer", ANNA.officer.name, "--key", beside / "key")
    return ran(config, "sign", file, *by_her, "--passphrase-file", beside / "passphrase", *options)


def shown(result: Result) -> str:
    """What stands on the screen, on one line."""
    return " ".join(result.output.split())


def against(result: Result) -> list[list[str]]:
    """For which codes a script is told that an agreement is refused anyway, by agreement."""
    return [one["reasons"] for one in json.loads(result.stdout)["against"].values()]


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (policy(oin=OIN_C), "policy_foreign"),
        (policy(POLICY_NUMBER), "policy_ahead"),
    ],
    ids=["foreign", "ahead"],
)
def test_sign_runs_no_rules_of_what_is_refused_anyway(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: Bundle, code: str
) -> None:
    """Whose policy it is, and which, is looked at before its rules; so for `build --from`."""
    (tmp_path / "p").write_bytes(other.content)
    monkeypatch.setattr(archive, "read_bundle", None)  # nobody calls it
    commands: list[Callable[[], Result]] = [lambda: signed(config, tmp_path / "p")]
    if code == "policy_foreign":
        commands.append(lambda: ran(config, "build", tmp_path / "q", "--from", tmp_path / "p"))
    for command in commands:
        with pytest.raises(Refusal) as refused:
            command()
        assert refused.value.code == code


def test_build_and_sign_name_what_guardrails_refuse(config: Path, tmp_path: Path) -> None:
    """By agreement, in Dutch, with field and article; and to scripts by code."""
    with Node.open(config) as node:
        node.agreements.add(REFUSED)
    built, by_anna = ran(config, "build", tmp_path / "p"), signed(config, tmp_path / "p")
    for told in map(shown, (built, by_anna)):
        assert f"GEWEIGERD, wat er ook in staat: {FOUND}" in told
        assert IN_DUTCH in told
    assert against(ran(config, "build", tmp_path / "q", "--json")) == [[FOUND]]
    assert against(signed(config, tmp_path / "q", "--json")) == [[FOUND]]


def test_what_is_against_a_part_is_told_as_such(config: Path, tmp_path: Path) -> None:
    """Attributes by an address are never told; what the agreement has besides is answered."""
    text = (EXAMPLE.parents[1] / "example-whom-to-call" / "agreement.yaml").read_text()
    with Node.open(config) as node:
        node.agreements.add(text.replace("kinds: [bsn]", "kinds: [bsn, household]"))
    told = shown(ran(config, "build", tmp_path / "p"))
    assert "DEELS GEWEIGERD: answer_never_for_kind" in told
    assert "een adres is van een heel huishouden" in told
    assert "GEWEIGERD, wat er ook in staat" not in told


def test_an_agreement_that_nothing_is_wrong_with_is_not_told_refused(config: Path, tmp_path: Path) -> None:
    """Neither on the screen nor to scripts."""
    with Node.open(config) as node:
        node.agreements.add(EXAMPLE.read_text())
    assert "GEWEIGERD" not in shown(ran(config, "build", tmp_path / "p"))
    assert against(signed(config, tmp_path / "p", "--json")) == []


def test_rules_that_check_no_guardrails_are_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a verdict the product's decision approves nothing, and the officer hears so before he signs."""
    rules = {name: text for name, text in RULES.items() if not name.endswith("/verdict.rego")}
    speak("nl")
    tell_bundle(policy(of=contents(AGREEMENT, rules=rules)), None)
    speak("en")
    assert "GEWEIGERD, wat er ook in staat: guardrails_unchecked" in " ".join(capsys.readouterr().out.split())


def test_a_first_policy_of_the_product_is_told_as_such(config: Path, tmp_path: Path) -> None:
    """Nothing to compare it with is in force: so with what came with the product."""
    told = ran(config, "build", tmp_path / "p")
    assert f"regels en catalogus: zoals bij linkage-node {__version__}" in shown(told)
    assert json.loads(signed(config, tmp_path / "p", "--json").stdout)["unlike_product"] == []


def test_a_first_policy_with_other_rules_names_them(config: Path, tmp_path: Path) -> None:
    """A rule that was changed, one that was added, one that is gone, and the catalogue's parts."""
    folder = config.parent.with_name(f"{config.parent.name}-policies")
    rules, catalogue = folder / "linkage" / "match", folder / "catalogue" / "catalogue.yaml"
    with (rules / "decision.rego").open("a") as file:
        file.write("# changed\n")
    (rules / "own.rego").write_text("package own\n")
    edit(catalogue, "title: Integrale schuldhulpverlening, plan van aanpak", "title: Iets anders")
    others = ["linkage/match/decision.rego", "linkage/match/own.rego", "wgs-4a"]
    built = ran(config, "build", tmp_path / "p")
    for told in map(shown, (built, signed(config, tmp_path / "p"))):
        assert (
            f"NIET zoals bij linkage-node {__version__}; anders, erbij of eruit: {', '.join(others)}" in told
        )
    assert json.loads(ran(config, "build", tmp_path / "q", "--json").stdout)["unlike_product"] == others
    gone = {name: text for name, text in RULES.items() if not name.endswith("/names.rego")}
    assert unlike_product(contents(AGREEMENT, rules=gone)) == ["linkage/match/names.rego"]
