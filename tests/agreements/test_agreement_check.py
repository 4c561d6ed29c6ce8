"""`agreements check` on what officers write: every mistake in Dutch, on its line, with what was meant; and as JSON."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linkage_node.agreements import parse_agreement
from linkage_node.errors import ExitCode, Refusal
from linkage_node.yaml_problems import PROBLEMS_NL
from tests.agreements.test_agreement_schema import faults, plain
from tests.agreements.test_agreement_templates import run
from tests.nodes import OIN_A, make_node

YEAR = datetime.now(UTC).year
GOOD = f"""\
overeenkomst: intake
doel: "Bij de intake weten of iemand al schuldhulp krijgt"
doelcategorie: intake
grondslag: "wgs-4a"
wetsartikel: "Wgs art. 4a"
partijen:
  vrager:
    oin: "00000099000000001000"
    naam: "Gemeente Ede"
    soort: gemeente
  antwoorder:
    oin: "00000099000000002000"
    naam: "Kredietbank"
    soort: kredietbank
identificatie: [bsn]
antwoorden: [treffer]
geldigheid:
  van: {YEAR}-01-01
  tot_en_met: {YEAR}-12-31
grenzen:
  per_dag: 50
  per_vraag: 5
treffers_melden: ja
"""
# what is put in place of what, the line that is told, what is told of it, and the exit code
OLD_DAY = f"tot_en_met: {YEAR}-12-31"
WRONG: dict[str, tuple[str, str, int, str, int]] = {
    "a day that is none": (
        OLD_DAY,
        f"tot_en_met: {YEAR}-11-31",
        19,
        "(yaml): fout: deze dag of dit tijdstip bestaat",
        3,
    ),
    "two documents": (
        "doelcategorie",
        "---\ndoelcategorie",
        3,
        "(yaml): fout: `---` begint een ander document",
        3,
    ),
    "an at": (
        'doel: "Bij',
        "doel: @Bij",
        2,
        "(yaml): fout: een waarde die met dit teken begint, zet u tussen",
        3,
    ),
    "a bracket": ("doelcategorie: i", "}: i", 3, "(yaml): fout: deze regel springt niet even ver in", 3),
    "a bracket first": ("overeenkomst: i", "} i", 1, "(yaml): fout: ", 3),
    "a list under a value": (
        "[bsn]\n",
        "bsn\n- huishouden\n",
        16,
        "(yaml): fout: deze regel springt niet even",
        3,
    ),
    "a tab": ('    naam: "G', '\tnaam: "G', 9, "(yaml): fout: een tab: laat regels inspringen", 3),
    "a quote that stays open": (
        'krijgt"',
        "krijgt",
        2,
        "(yaml): fout: het aanhalingsteken dat hier opent, wordt pas op regel 4",
        3,
    ),
    "an apostrophe": (
        '"Gemeente Ede"',
        "'t Gooi",
        9,
        "(yaml): fout: het aanhalingsteken dat hier opent, is niet",
        3,
    ),
    "text after a quote": ('krijgt"', 'krijgt" snel', 2, "(yaml): fout: tekst na een aanhalingsteken", 3),
    "a backslash": ('"Gemeente Ede"', '"C:\\Ede"', 9, "(yaml): fout: een `\\` tussen dubbele", 3),
    "an ampersand": ('"Gemeente Ede"', "&Ede", 9, "(yaml): fout: `&` aan het begin", 3),
    "a tag": ("[bsn]", "!!set {bsn}", 15, "(yaml): fout: `!` aan het begin van een waarde", 3),
    "quotes of print": (
        '"Bij de intake weten of iemand al schuldhulp krijgt"',
        "“Bij de intake”",
        2,
        "doel: fout: de aanhalingstekens “ ” horen hier bij de tekst",
        3,
    ),
    "a section as a word": (
        'grondslag: "wgs-4a"\nwetsartikel: "Wgs art. 4a"',
        "legal_basis: wgs-4a",
        4,
        "legal_basis: fout: verwacht velden met waarden: `wetsartikel`, `grondslag`",
        3,
    ),
    "parties as a word": (
        "partijen:\n",
        "partijen: Ede\nx:\n",
        6,
        "partijen: fout: verwacht velden met waarden: `vrager`, `antwoorder`",
        3,
    ),
    "an OIN with letters": (
        "000001000",
        "00ABCD00X",
        8,
        "partijen.vrager.oin: fout: een OIN heeft 20 cijfers, waarvan",
        3,
    ),
    "a short OIN": (
        "000001000",
        "000001",
        8,
        "partijen.vrager.oin: fout: een OIN heeft 20 cijfers; hier staan er 17",
        3,
    ),
    "an OIN without quotes": (
        '"00000099000000001000"',
        "00000099000000001000",
        8,
        "partijen.vrager.oin: fout: zet het OIN tussen aanhalingstekens",
        3,
    ),
    "a capital": (
        "soort: kredietbank",
        "soort: Kredietbank",
        14,
        "soort: fout: onbekend woord; bedoelde u `kredietbank`?",
        3,
    ),
    "a kind misspelt": (
        "soort: kredietbank",
        "soort: kredietbnk",
        14,
        "soort: fout: onbekend woord; bedoelde u `kredietbank`?",
        3,
    ),
    "no such kind": (
        "soort: kredietbank",
        "soort: bakkerij",
        14,
        "soort: fout: onbekend woord; verwacht: gemeente, ",
        3,
    ),
    "a purpose misspelt": (
        "doelcategorie: intake",
        "doelcategorie: inteke",
        3,
        "doelcategorie: fout: onbekend woord; bedoelde u `intake`?",
        3,
    ),
    "a basis in other letters": (
        '"wgs-4a"',
        '"Wgs 4a"',
        4,
        "grondslag: fout: onbekend woord; bedoelde u `wgs-4a`?",
        3,
    ),
    "no such basis": ('"wgs-4a"', '"avg-99"', 4, "grondslag: fout: onbekend woord; ", 3),
    "no basis": ('grondslag: "wgs-4a"\n', "", 1, "grondslag: fout: ontbreekt: de grondslag, met de naam", 3),
    "no purpose": (
        "doelcategorie: intake\n",
        "",
        1,
        "doelcategorie: fout: ontbreekt: onder welke soort doel",
        3,
    ),
    "no kind": ("    soort: kredietbank\n", "", 11, "soort: fout: ontbreekt: wat voor organisatie dit is", 3),
    "another purpose": (
        "doelcategorie: intake",
        "doelcategorie: sturingsinformatie",
        3,
        "doelcategorie: mag niet: de grondslag staat deze doelcategorie niet toe (",
        4,
    ),
    "to be filled in": (
        '"Wgs art. 4a"',
        '"NOG IN TE VULLEN"',
        5,
        "wetsartikel: in te vullen: het wetsartikel dat",
        3,
    ),
    "a day too small": (
        "per_dag: 50",
        "per_dag: 2",
        21,
        "grenzen.per_dag: weeg: minder op een dag (2) dan in één vraag (5)",
        0,
    ),
    "a term that is over": (
        f"{YEAR}-01-01\n  tot_en_met: {YEAR}-12-31",
        "2022-01-01\n  tot_en_met: 2023-01-01",
        19,
        "geldigheid.tot_en_met: weeg: de overeenkomst is afgelopen op 2023-01-01",
        0,
    ),
}


def written(folder: Path, text: str) -> Path:
    """A file with this text."""
    file = folder / "overeenkomst.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(("old", "new", "line", "told", "code"), WRONG.values(), ids=WRONG)
def test_what_an_officer_writes_amiss_is_told_in_dutch(
    tmp_path: Path, old: str, new: str, line: int, told: str, code: int
) -> None:
    """On the line to look at, and with the word that was meant; nothing of the parser's English."""
    assert old in GOOD
    file = written(tmp_path, GOOD.replace(old, new, 1))
    ran = run("check", file)
    assert any(one.startswith(f"{file}:{line}: ") and told in one for one in ran.stdout.splitlines()), (
        ran.stdout
    )
    assert ran.exit_code == code
    assert not [word for word in ("expected", "found", "Input should", "unknown") if word in ran.stdout]


def test_only_what_is_wrong_is_told(tmp_path: Path) -> None:
    """Of a good file the two organisations, each with its kind, and the content hash; a wrong kind is seen at once."""
    file = written(tmp_path, GOOD)
    said, answers, good = run("check", file).stdout.splitlines()
    assert said == f"{file}: vraagt: Gemeente Ede: gemeente"
    assert answers == f"{file}: antwoordt: Kredietbank: kredietbank"
    assert good.startswith(f"{file}: in orde; kenmerk (hash)")
    file = written(tmp_path, GOOD.replace('"Kredietbank"', '"Woningcorporatie De Werf"'))
    assert "antwoordt: Woningcorporatie De Werf: kredietbank" in run("check", file).stdout
    assert "answers: Woningcorporatie De Werf: credit_bank" in run("check", file, "--language", "en").stdout


def test_a_purpose_that_the_basis_does_not_allow_is_one_cause(tmp_path: Path) -> None:
    """It is not said to be missing, and the advice names the legal basis that the file has."""
    ran = run(
        "check", written(tmp_path, GOOD.replace("doelcategorie: intake", "doelcategorie: sturingsinformatie"))
    )
    assert "noemt geen doelcategorie" not in ran.stdout
    assert "Noem de doelcategorie" not in ran.stdout
    assert "policy legal-bases wgs-4a" in ran.stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  vrager:\n", "  requester:\n"),
        ("  antwoorder:\n", "  provider:\n"),
        ("  van:", "  valid_from:"),
        ("  tot_en_met:", "  valid_until:"),
        ('grondslag: "wgs-4a"\nwetsartikel:', 'legal_basis: {grondslag: wgs-4a, article: "Wgs art. 4a"}\nx:'),
    ],
)
def test_english_words_stand_in_dutch_sections(tmp_path: Path, old: str, new: str) -> None:
    """The two languages mix inside a section too: the same agreement, in check and in the schema of editors."""
    text = GOOD.replace(old, new).replace('x: "Wgs art. 4a"\n', "")
    assert text != GOOD
    assert parse_agreement(text) == parse_agreement(GOOD)
    assert run("check", written(tmp_path, text)).exit_code == 0
    assert faults("both", plain(text)) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version: 1\noin: x\nsigning_key: y\n", "dit is de kaart van een knooppunt, geen overeenkomst"),
        (
            "oin: x\nname: y\ntls: {}\nsealing_key: {}\n",
            "dit is de configuratie van een knooppunt, geen overeenkomst",
        ),
        ("kolommen: 1\n", "dit is geen overeenkomst: zij heeft geen enkel veld"),
    ],
)
def test_another_file_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    """And not by each of its fields."""
    ran = run("check", written(tmp_path, text))
    (line,) = ran.stdout.splitlines()
    assert told in line
    assert ran.exit_code == ExitCode.INPUT


@pytest.mark.parametrize("language", ["nl", "en"])
def test_json_is_json_alone_in_the_language_asked_for(tmp_path: Path, language: str) -> None:
    """Codes and kinds of organisations are the same in both; a file that cannot be read is in it too, without a box."""
    wrong = tmp_path / "latin.yaml"
    wrong.write_bytes(GOOD.replace("Kredietbank", "België").encode("latin-1"))
    ran = run("check", wrong, "--json", "--language", language)
    assert (ran.exit_code, ran.stderr) == (ExitCode.INPUT, "")
    ((remark,),) = (one["remarks"] for one in json.loads(ran.stdout))
    assert remark["code"] == "encoding_invalid"
    assert ("latin.yaml:13: dit is geen UTF-8" in remark["what"]) is (language == "nl")
    assert ("Kladblok" in remark["what_to_do"]) is (language == "nl")
    file = written(tmp_path, GOOD.replace("per_dag: 50", "per_dag: 2").replace("doelcategorie: intake\n", ""))
    (told,) = json.loads(run("check", file, "--json", "--language", language).stdout)
    assert [one["code"] for one in told["remarks"]] == ["legal_basis_not_for_purpose", "limits_unequal"]
    assert told["provider"] == {"oin": "00000099000000002000", "name": "Kredietbank", "kind": "credit_bank"}
    assert told["remarks"][1]["what"].startswith("minder" if language == "nl" else "fewer")


def test_json_tells_of_rules_that_are_not_there(tmp_path: Path) -> None:
    """One JSON document, in the language asked for, and the exit code of the error."""
    ran = run("check", written(tmp_path, GOOD), "--json", "--policies", tmp_path / "none")
    told = json.loads(ran.stdout)
    assert (told["error"], ran.stderr) == ("policy_invalid", "")
    assert told["detail"].startswith("er is geen map")


def test_a_document_is_no_text(tmp_path: Path) -> None:
    """A .docx, and text in another encoding: what to do instead."""
    file = tmp_path / "overeenkomst.docx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("document.xml", GOOD * 3)
    good = written(tmp_path, GOOD)
    assert f"{file}:1: (file): fout: " in run("check", file, good).stdout
    assert "bewaar het als platte tekst in UTF-8" in run("check", file, good).stdout
    file.write_text(GOOD, encoding="utf-16")
    assert "dit is geen UTF-8" in run("check", file, good).stdout


def test_a_field_is_called_as_in_the_file_by_every_command(tmp_path: Path) -> None:
    """What add warns of and what sign refuses name it in the words that the officer wrote, a place counted from 1."""
    config = make_node(tmp_path / "asks", OIN_A)
    attributes = "gegevens:\n  namen: [team, nationaliteit]\n  per_vraag: 5\n"
    text = (
        GOOD.replace("[treffer]", "[treffer, gegevens]").replace("00000099000000001000", OIN_A) + attributes
    )
    file = written(tmp_path, text)
    assert "gegevens.namen (2): mag niet: " in run("check", file).stdout
    assert run("add", file, "--config", config).exit_code == 0
    with pytest.raises(Refusal, match=r"gegevens\.namen \(2\): "):
        run("sign", "intake", "--config", config, "--language", "nl")
    file = written(tmp_path, text.replace('"Wgs art. 4a"', '"NOG IN TE VULLEN"'))
    added = run("add", file, "--replace", "--yes", "--config", config, "--language", "nl").stderr
    assert "wetsartikel" in added
    with pytest.raises(Refusal, match="intake: wetsartikel"):
        run("sign", "intake", "--config", config, "--language", "nl")


def test_every_problem_has_its_dutch() -> None:
    """With the same values, and none is the English one."""
    assert len(PROBLEMS_NL) > 20
    for english, dutch in PROBLEMS_NL.items():
        assert english.count("{}") == dutch.count("{}")
        assert english != dutch
