"""`linkage-node agreements` as a privacy officer uses it."""

import json
import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from linkage_node.agreements import content_hash, parse_agreement
from linkage_node.agreements.model import as_data
from linkage_node.charts.interval import half_width
from linkage_node.cli.agreements import agreements_app
from linkage_node.diagnosis import State, diagnose
from linkage_node.errors import ExitCode, InputError, Refusal
from linkage_node.node import Node
from linkage_node.policy.source import policy_folder
from linkage_node.storage.tables import agreement as agreement_table
from tests.nodes import OIN_A, OIN_B, OIN_C, edit, introduce, make_node

runner = CliRunner(env={"LINKAGE_NODE_LANGUAGE": "en"})


def run(*words: str | Path) -> Result:
    """Run a command; errors come as they are raised."""
    return runner.invoke(agreements_app, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def nodes(tmp_path: Path) -> tuple[Path, Path]:
    """Two nodes that have each other's cards: asks, answers."""
    made = make_node(tmp_path / "asks", OIN_A), make_node(tmp_path / "answers", OIN_B)
    introduce(*made)
    return made


LAWFUL = ["--legal-basis", "wgs-4a", "--category", "multi_problem_households"]
LAWFUL += ["--requester-kind", "gemeente", "--provider-kind", "credit_bank"]


def new(nodes: tuple[Path, Path], *words: str) -> str:
    """A new agreement between the two."""
    cards = [config.parent / "card.yaml" for config in nodes]
    language = [] if "--language" in words else ["--language", "en"]
    made = run("new", "--requester", cards[0], "--provider", cards[1], "--id", "energy", *words, *language)
    assert made.exit_code == 0
    return made.stdout


def test_a_new_agreement_can_be_added_at_both_nodes(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """What `new` prints is an agreement as it stands, with the names of the cards and the defaults told."""
    text = new(nodes, "--purpose", "Energy: 'allowance' \"now\" # really")
    agreement = parse_agreement(text)
    assert (agreement.requester.oin, agreement.provider.oin) == (OIN_A, OIN_B)
    assert agreement.purpose == "Energy: 'allowance' \"now\" # really"
    assert (agreement.kinds, agreement.answers) == (("bsn",), ("hit",))
    assert (agreement.valid_until - agreement.valid_from).days == 364
    file = tmp_path / "energy.yaml"
    file.write_text(text)
    for config in nodes:
        added = run("add", file, "--config", config)
        assert content_hash(agreement).hex() in added.stdout
        assert content_hash(agreement).hex()[:16] in run("list", "--config", config).stdout
        assert "7,168 entries of padding" in added.stdout  # 256 changes in each of 28 deltas
        shown = run("show", "energy", "--config", config)
        assert shown.stdout == text
        listed = json.loads(run("list", "--json", "--config", config).stdout)
        assert [one["id"] for one in listed] == ["energy"]
    assert "energy" in run("list", "--config", nodes[0]).stdout


def test_several_agreements_at_once(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """Each file is added or refused by itself, and exit code 7 tells that some were refused."""
    text = new(nodes, "--purpose", "Energy")
    files = [tmp_path / f"{name}.yaml" for name in ("energy", "missing", "broken", "other")]
    files[0].write_text(text)
    files[2].write_text(text.replace("kinds:", "kind:"))
    files[3].write_text(text.replace("id: energy", "id: other").replace('id: "energy"', 'id: "other"'))
    ran = run("add", *files, "--config", nodes[0])
    assert ran.exit_code == ExitCode.PARTIAL
    assert ran.stdout.count("Added ") == 2
    for file, code in ((files[1], "file_missing"), (files[2], "config_invalid")):
        assert f"Not added: {file}" in ran.stderr
        assert code in ran.stderr
    listed = json.loads(run("list", "--json", "--config", nodes[0]).stdout)
    assert {one["id"] for one in listed} == {"energy", "other"}


def test_all_that_is_given_is_in_the_new_agreement(nodes: tuple[Path, Path]) -> None:
    """Kinds, answers, days and limits."""
    words = "--kind household --kind bsn --answer count --answer hit --valid-from 2026-02-01 --valid-until 2026-02-28"
    limits = "--evaluations-per-day 700 --largest-query 500"
    agreement = parse_agreement(new(nodes, "--purpose", "Energy", *words.split(), *limits.split()))
    assert (agreement.kinds, agreement.answers) == (("household", "bsn"), ("count", "hit"))
    assert (str(agreement.valid_from), str(agreement.valid_until)) == ("2026-02-01", "2026-02-28")
    assert (agreement.limits.evaluations_per_day, agreement.limits.largest_query) == (700, 500)


DEFAULTS = {
    "en": ("epoch_days", "tag_set", "  bucket", "  changes", "  every_hours", "proof", "receipts"),
    "nl": (
        "sleutelperiode",
        "lijst",
        "  veelvoud",
        "  wijzigingen",
        "  elke_uren",
        "bewijs",
        "treffers_melden",
    ),
}


@pytest.mark.parametrize(("language", "names"), DEFAULTS.items())
def test_the_defaults_told_in_comments_are_the_defaults(
    nodes: tuple[Path, Path], language: str, names: tuple[str, ...]
) -> None:
    """A commented line says what holds without it: taking the `#` away changes nothing."""
    text = new(nodes, "--purpose", "Energy", "--language", language)
    told = text
    for name in names:
        assert told.count(f"\n# {name}:") == 1
        told = told.replace(f"\n# {name}:", f"\n{name}:")
    assert content_hash(parse_agreement(told)) == content_hash(parse_agreement(text))


def test_a_proposal_that_is_no_agreement_is_refused(nodes: tuple[Path, Path]) -> None:
    """Nothing is printed that could not be added."""
    with pytest.raises(InputError) as refused:
        new(nodes, "--purpose", "Energy", "--answer", "everything")
    assert refused.value.code == "config_invalid"


def test_a_kind_that_no_node_knows_is_told(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """A typing error in a kind would otherwise find nobody, in silence."""
    file = tmp_path / "energy.yaml"
    file.write_text(new(nodes, "--purpose", "Energy", "--kind", "bns"))
    assert "'bns'" in run("add", file, "--config", nodes[0]).stderr


@pytest.mark.parametrize(
    "answers", [["count"], ["attributes"], ["hit", "attributes"], ["count", "hit", "attributes"]]
)
def test_a_new_agreement_has_a_section_for_every_answer(nodes: tuple[Path, Path], answers: list[str]) -> None:
    """What is agreed stands there with its explanation, as it can be used; what is not stands there as comments."""
    text = new(nodes, "--purpose", "Energy", *(word for answer in answers for word in ("--answer", answer)))
    agreement = parse_agreement(text)
    assert agreement.answers == tuple(answers)
    assert bool(agreement.count) is ("count" in answers)
    assert bool(agreement.attributes) is ("attributes" in answers)
    assert text.count("count:\n") == text.count("attributes:\n") == 1
    assert "# What may be counted" in text
    assert "# What may be told" in text
    if agreement.count:
        assert (agreement.count.requester_bucket, agreement.count.provider_bucket) == (10_000, 10_000)


def test_sections_in_comments_are_as_good_as_asked_for(nodes: tuple[Path, Path]) -> None:
    """Who takes the `#` away later, and adds the answers, has what `new` would have written."""
    text = new(nodes, "--purpose", "Energy")
    told = text.replace('answers: ["hit"]', 'answers: ["hit", "count", "attributes"]')
    before, sections = told.split("# What may be counted")
    lines = (
        line.removeprefix("# ") if re.match("# ( |count:|attributes:)", line) else line
        for line in ("# What may be counted" + sections).splitlines()
    )
    asked_for = new(
        nodes, "--purpose", "Energy", *["--answer", "hit", "--answer", "count", "--answer", "attributes"]
    )
    assert parse_agreement(before + "\n".join(lines)) == parse_agreement(asked_for)


def test_buckets_fit_the_limits_or_are_as_given(nodes: tuple[Path, Path]) -> None:
    """Small limits make small buckets; given ones are taken, and refused with the field if they do not fit."""
    count = ["--purpose", "Energy", "--answer", "count"]
    made = parse_agreement(new(nodes, *count, "--largest-query", "500")).count
    assert made
    assert (made.requester_bucket, made.provider_bucket) == (500, 1_024)  # no limit is of the provider's
    made = parse_agreement(
        new(nodes, *count, "--requester-bucket", "3000", "--provider-bucket", "2000")
    ).count
    assert made
    assert (made.requester_bucket, made.provider_bucket) == (3_000, 2_000)
    with pytest.raises(InputError, match="both sends 501 elements"):
        new(nodes, *count, "--largest-query", "500", "--requester-bucket", "501")
    with pytest.raises(InputError, match=r"count\.requester_bucket: both has room for 99 persons"):
        new(nodes, *count, "--largest-query", "99")


def test_the_errors_told_in_comments_are_those_of_the_noise(nodes: tuple[Path, Path]) -> None:
    """`95 of 100 answers are within 6`: as computed for the noise that is drawn."""
    text = new(nodes, "--purpose", "Energy", "--answer", "count")
    assert f"epsilon: 0.5 # 95 of 100 answers are within {half_width(0.5)} of the truth" in text
    assert f"with 1.0 within {half_width(1.0)}, with 0.1 within {half_width(0.1)}" in text


def test_what_the_own_policy_refuses_is_told(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """By `add` and by the doctor: attributes by an address, and a count by a special category."""
    file = tmp_path / "energy.yaml"
    text = new(nodes, "--purpose", "Energy", *LAWFUL, "--answer", "count", "--answer", "hit")
    file.write_text(text)
    assert "refuses" not in run("add", file, "--config", nodes[0]).stderr
    broken_down = (
        "title: Clients of both organisations\n      by_provider: {attribute: Diagnose, values: [a, b]}"
    )
    file.write_text(text.replace("title: Clients of both organisations", broken_down))
    told = run("add", file, "--replace", "--config", nodes[0]).stderr
    assert "Your own policy refuses count both: special_category." in told
    assert "Your own policy refuses hit: special_category." in told  # no agreement with it is used at all
    words = [*LAWFUL, "--kind", "household", "--answer", "attributes"]
    file.write_text(new(nodes, "--purpose", "Energy", *words).replace('id: "energy"', "id: homes"))
    told = run("add", file, "--config", nodes[0]).stderr
    assert "Your own policy refuses attributes: answer_never_for_kind." in told
    seen = [one.seen for one in diagnose(nodes[0]) if one.check == "policy" and one.state is State.WARNING]
    assert seen == [
        "energy: hit is refused (special_category)",
        "energy: count both is refused (special_category)",
        "homes: attributes is refused (answer_never_for_kind)",
    ]


def test_a_year_that_costs_more_than_the_register_may_tell_is_told(
    nodes: tuple[Path, Path], tmp_path: Path
) -> None:
    """At the provider, whose register it is; added to what its other agreements cost. The requester is not told."""
    file = tmp_path / "energy.yaml"
    text = new(nodes, "--purpose", "Energy", "--answer", "count")
    file.write_text(text)  # 12 x 0.5 of 12
    assert "epsilon" not in run("add", file, "--config", nodes[1]).stderr
    file.write_text(text.replace('id: "energy"', "id: other").replace("epsilon: 0.5", "epsilon: 0.51"))
    told = run("add", file, "--config", nodes[1]).stderr
    assert (
        "costs an epsilon of 6.12, with your other agreements 12.12; your register may tell 12 a year" in told
    )
    assert "epsilon_exhausted" in told
    file.write_text(text.replace("epsilon: 0.5", "epsilon: 1.1"))
    run("remove", "other", "--config", nodes[1])
    told = run("add", file, "--replace", "--config", nodes[1]).stderr
    assert "costs an epsilon of 13.2; your register may tell 12 a year" in told
    assert "costs" not in run("add", file, "--config", nodes[0]).stderr


def test_an_agreement_is_shown_with_what_it_comes_to(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """The file on stdout, to the letter; on stderr the catalogue, its cost and noise, and what may be told."""
    file = tmp_path / "energy.yaml"
    text = new(
        nodes, "--purpose", "Energy", *["--answer", "count", "--answer", "hit", "--answer", "attributes"]
    )
    text = text.replace("      # by_", "      by_").replace("      #   ", "        ")
    file.write_text(text)
    run("add", file, "--config", nodes[0])
    shown = run("show", "energy", "--config", nodes[0])
    assert shown.stdout == text
    told = " ".join(shown.stderr.split())
    assert "A year of asking everything costs an epsilon of 6 at the most." in told
    assert "100 persons in a question at the least; a number below 10 is not told" in told
    assert "What may be told, in a case: contact, telephone. Of at most 10 persons in one order" in told
    assert "and 3 times of one person in 28 days; hits are not reported" in told
    for word in ("both", "district:", "North,", "stage:", "month", "0.5", "± 6"):
        assert word in told
    data = json.loads(run("show", "energy", "--json", "--config", nodes[0]).stdout)
    assert data["epsilon_per_year"] == 6
    assert [one["id"] for one in data["count"]["questions"]] == ["both"]
    assert "no legal basis of the catalogue: TO FILL IN" in told
    dutch = run("show", "energy", "--language", "nl", "--config", nodes[0]).stdout
    assert "tellingen:" in dutch
    assert content_hash(parse_agreement(dutch)) == content_hash(parse_agreement(text))
    assert run("show", "energy", "--json", "--config", nodes[0]).stderr == ""


def test_a_legal_basis_to_be_filled_in_is_told(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """As long as it is not filled in, in either language, by the doctor too; brackets in a text stay."""
    file = tmp_path / "energy.yaml"
    text = new(nodes, "--purpose", "Energy [bold]x[/]")
    file.write_text(text)
    assert "Still to be filled in: legal_basis.article." in run("add", file, "--config", nodes[0]).stderr
    file.write_text(new(nodes, "--purpose", "Energy", "--language", "nl"))
    told = run("add", file, "--replace", "--config", nodes[0]).stderr
    assert "Still to be filled in: wetsartikel." in told
    assert any("legal basis is not filled in" in one.seen for one in diagnose(nodes[0]))
    file.write_text(
        text.replace("TO FILL IN: the article of law that allows this", "art. 35 (to fill in: which?)")
    )
    assert "filled in" in run("add", file, "--replace", "--config", nodes[0]).stderr
    file.write_text(
        text.replace("TO FILL IN: the article of law that allows this", "Participatiewet art. 35")
    )
    assert "filled in" not in run("add", file, "--replace", "--config", nodes[0]).stderr
    assert "[bold]" in run("list", "--config", nodes[0]).stdout


@pytest.mark.parametrize(
    ("old", "new_text", "said"),
    [
        ("smallest_cell: 10", "smallest_cell: 4", "count.smallest_cell is 4: so few persons are easily"),
        ("smallest_cell: 10", "smallest_cell: 5", ""),
        ("smallest_set: 100", "smallest_set: 19", "are easily known. Less than 100 asks for an explanation"),
        ("smallest_set: 100", "smallest_set: 20", ""),
        ("provider_bucket: 10000", "provider_bucket: 999", "count.provider_bucket is 999: a lost attempt tells"),
        ("provider_bucket: 10000", "provider_bucket: 1000", ""),
        ("# receipts: false", "receipts: false", "`receipts` is not true: the provider hears not who"),
    ],
)  # fmt: skip
def test_terms_that_protect_little_are_told(
    nodes: tuple[Path, Path], tmp_path: Path, old: str, new_text: str, said: str
) -> None:
    """They can be agreed on, and are warned of at both sides; the guide says the same."""
    answers = ["--answer", "count", "--answer", "hit", "--answer", "attributes"]
    text = new(nodes, "--purpose", "Energy", *answers, *LAWFUL)
    if "receipts" not in old:
        text = text.replace("# receipts: false", "receipts: true")
    file = tmp_path / "energy.yaml"
    assert old in text
    file.write_text(text.replace(old, new_text))
    for config in nodes:
        told = run("add", file, "--config", config).stderr
        assert (said in told) if said else (told == "")


def test_both_languages_make_the_same_agreement(nodes: tuple[Path, Path]) -> None:
    """The same fields and values in other words; only what is to be filled in, and a title, differs."""
    answers = ["--answer", "count", "--answer", "hit", "--answer", "attributes"]
    dutch = new(nodes, "--purpose", "Energy", *answers, "--language", "nl")
    english = new(nodes, "--purpose", "Energy", *answers)
    assert "# Een overeenkomst tussen twee organisaties." in dutch
    one, other = as_data(parse_agreement(dutch)), as_data(parse_agreement(english))
    assert one.pop("legal_basis")["article"].startswith("NOG IN TE VULLEN: ")
    assert other.pop("legal_basis")["article"].startswith("TO FILL IN: ")
    assert one["count"]["questions"][0].pop("title") == "Cliënten van beide organisaties"
    del other["count"]["questions"][0]["title"]
    assert one["attributes"].pop("names") == ["contact", "telefoon"]
    assert other["attributes"].pop("names") == ["contact", "telephone"]
    assert one == other
    assert f"epsilon: 0.5 # 95 van de 100 antwoorden zitten er hoogstens {half_width(0.5)} naast" in dutch
    assert f"met 1.0 hoogstens {half_width(1.0)}, met 0.1 hoogstens {half_width(0.1)}" in dutch


def test_dutch_is_the_default(nodes: tuple[Path, Path]) -> None:
    """The officers who complete it are Dutch."""
    cards = [config.parent / "card.yaml" for config in nodes]
    words: list[str | Path] = ["--requester", cards[0], "--provider", cards[1]]
    words += ["--id", "energy", "--purpose", "x"]
    made = CliRunner().invoke(agreements_app, ["new", *map(str, words)]).stdout
    assert made == run("new", *words, "--language", "nl").stdout


def test_a_removed_agreement_is_gone(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """And cannot be shown or removed again."""
    file = tmp_path / "energy.yaml"
    file.write_text(new(nodes, "--purpose", "Energy"))
    run("add", file, "--config", nodes[0])
    run("remove", "energy", "--config", nodes[0])
    assert json.loads(run("list", "--json", "--config", nodes[0]).stdout) == []
    for command in ("show", "remove"):
        with pytest.raises(Refusal) as refused:
            run(command, "energy", "--config", nodes[0])
        assert refused.value.code == "agreement_not_here"


def test_the_list_tells_version_and_standing(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """In words, each by what it is; and an agreement that cannot be read is named with what to do."""
    file = tmp_path / "energy.yaml"
    file.write_text(new(nodes, "--purpose", "Energy", *LAWFUL).replace("version: 1", "version: 3"))
    run("add", file, "--config", nodes[0])
    listed = run("list", "--config", nodes[0]).stdout
    for words in (
        "version 3",
        "not yet signed by both",
        "Category of the purpose: ",
        "Kind of organisation: ",
    ):
        assert words in listed
    with Node.open(nodes[0]) as node:
        node.agreements.add(file.read_text().replace('id: "energy"', "id: bad"))
        with node.database.write() as connection:
            connection.execute(update(agreement_table).where(agreement_table.c.id == "bad").values(text="x"))
    for options in ([], ["--json"]):
        ran = run("list", *options, "--config", nodes[0])
        assert "bad cannot be read" in ran.stderr
        assert "agreements remove bad" in ran.stderr
        assert "energy" in ran.stdout
    (told,) = (one for one in diagnose(nodes[0]) if one.seen.startswith("bad "))
    assert (told.check, told.state) == ("agreements", State.FAULT)
    run("remove", "bad", "--config", nodes[0])
    assert "bad" not in run("list", "--config", nodes[0]).stderr


@pytest.mark.parametrize(
    ("old", "changed", "said"),
    [
        (OIN_B, OIN_C, f"no card of Organisation answers (OIN {OIN_C})"),
        ('"Organisation answers"', "Kredietbnak", "calls OIN 00000099000000020000 Kredietbnak; the card"),
        ("valid_from: ", "valid_from: 2022-01-01\nvalid_until: 2023-12-31 #", "the agreement ended on 2023-12-31"),
        ("valid_from: ", "valid_from: 2020-06-01 #", "begins before its legal basis does"),
    ],
    ids=["no card", "another name", "over", "before the law"],
)  # fmt: skip
def test_what_a_signature_would_not_help_is_told_before(
    nodes: tuple[Path, Path], tmp_path: Path, old: str, changed: str, said: str
) -> None:
    """A mistyped OIN, another organisation's name, a term that is over or not covered by the law: by `add`, and by
    `sign`, which does not promise then that the node brings the signature."""
    text = new(
        nodes, "--purpose", "Energy", *LAWFUL, "--valid-from", "2026-02-01", "--valid-until", "2027-01-31"
    )
    text = text.replace("TO FILL IN: the article of law that allows this", "Wgs art. 4a")
    if "valid_until" in changed:
        text = re.sub(r"\nvalid_until: .*", "", text)
    file = tmp_path / "energy.yaml"
    file.write_text(text.replace(old, changed))
    assert said in run("add", file, "--config", nodes[0]).stderr
    if "legal basis" in said:
        with pytest.raises(Refusal) as refused:
            run("sign", "energy", "--config", nodes[0])
        assert refused.value.code == "legal_basis_not_in_force"
        return
    told = run("sign", "energy", "--config", nodes[0]).stderr
    assert said in told
    assert ("brings it while it serves" in told) is (OIN_C not in said)


def test_what_the_rules_cannot_judge_is_not_kept(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """An agreement on which the rules fail is refused by `add`, and the node is as it was."""
    folder = tmp_path / "policies"
    shutil.copytree(policy_folder(None), folder)
    rules = folder / "linkage" / "match" / "verdict.rego"
    broken = 'clash := 1 if proposed.id == "energy"\n\nclash := 2 if proposed.id == "energy"\n'
    broken += '\nrestrictions contains {"code": "x", "field": "x", "source": "x", "what": clash}\n'
    rules.write_text(f"{rules.read_text()}\n{broken}")
    edit(nodes[0], "engine: embedded", f"engine: embedded\n  path: {folder}")
    file = tmp_path / "energy.yaml"
    text = new(nodes, "--purpose", "Energy", *LAWFUL)
    file.write_text(text)
    with pytest.raises(InputError) as refused:
        run("add", file, "--config", nodes[0])
    assert refused.value.code == "policy_invalid"
    assert json.loads(run("list", "--json", "--config", nodes[0]).stdout) == []
    file.write_text(text.replace('id: "energy"', "id: other"))
    assert run("add", file, "--config", nodes[0]).exit_code == 0
