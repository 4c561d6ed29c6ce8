"""The officer's screen: every sentence in Dutch and in English, every command in either."""

import ast
import re
from collections.abc import Callable, Iterator
from inspect import signature
from itertools import chain
from pathlib import Path
from string import Formatter

import pytest
import typer

import linkage_node
from linkage_node.cli.agreements import agreements_app
from linkage_node.cli.language import in_language, speak
from linkage_node.cli.policy import policy_app
from linkage_node.cli.sentences import SENTENCES
from linkage_node.cli.sentences_agreements import AGREEMENTS
from linkage_node.cli.sentences_policy import POLICY
from linkage_node.details_nl import DETAILS_NL, FAULTS_NL, in_dutch
from linkage_node.errors import InputError, Refusal
from linkage_node.reasons import POLICY_CODES, REASONS
from linkage_node.reasons_nl import REASONS_NL
from tests.cli.conftest import Run

SOURCE = Path(linkage_node.__file__).parent
CLI = [
    *(SOURCE / "cli").glob("policy*.py"),
    *(SOURCE / "cli").glob("agreement*.py"),
    SOURCE / "cli/common.py",
    SOURCE / "cli/main.py",
]
# Whose errors end a command of the officer; what a decision point answers amiss is for its operator, in English.
_OF_OFFICERS = [
    *(SOURCE / "agreements").glob("*.py"),
    *(
        SOURCE / f"policy/{name}.py"
        for name in (
            *(
                "activation",
                "approval",
                "archive",
                "building",
                "cases",
                "coverage",
                "embedded",
                "files",
                "known",
            ),
            *("loading", "officer_key", "own_cases", "pinned", "rego", "source", "verdicts"),
        )
    ),
    *CLI,
    SOURCE / "yaml_model.py",
    SOURCE / "jws.py",
]
_ERRORS = {"InputError", "Refusal", "StorageError"}
_MAKERS = {"_tampered", "_invalid"}  # functions that take the detail alone
# Units, names and figures: the same in either language.
_SAME = {"{}: OIN {}", "OIN {}", "hash {}", "data.{}: {}", "opa test: {}", "--date {}", "record {}"}
# Of a file that is not the officer's: the operator's settings.
_OPERATORS = re.compile(r"systemd|CREDENTIALS|environment variable|Set \{\}|scalar|in place of")


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a plain function in a file, by its name."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node


def template(node: ast.expr) -> str:
    """A text with `{}` for each value in it; nothing for what is no text."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
    return ""


def names(text: str) -> list[str]:
    """What a sentence has filled in."""
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name is not None})


@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_is_in_both_languages(key: str) -> None:
    """With the same values, and in words of its own."""
    dutch, english = SENTENCES[key]
    assert dutch
    assert english
    assert names(dutch) == names(english)
    told = re.sub(r"`[^`]*`|\{\w+\}", "", dutch)
    foreign = {"the", "is not", "signed", "with", "your", "agreement", "policy", "wrote", "nothing"}
    assert not [word for word in foreign if re.search(rf"\b{word}\b", told)]


def test_every_sentence_is_used_and_is_there() -> None:
    """The tables have the sentences that the commands say, and no others; no key is in two of them."""
    assert not AGREEMENTS.keys() & POLICY.keys()
    used: set[str] = set()
    for name, call in chain.from_iterable(map(calls, CLI)):
        if name in {"tell", "warn", "say", "confirm"}:
            first = call.args[0]
            choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            used |= {template(one).replace("{}", ".+") for one in choices}
        elif name == "each":
            prefix, keys = map(template, call.args)
            used |= {f"{prefix}_{key}" for key in keys.split()}
    spoken = re.compile("|".join(filter(None, used)))
    assert not [key for key in SENTENCES if not spoken.fullmatch(key)]
    assert not [key for key in used if key and not any(re.fullmatch(key, one) for one in SENTENCES)]


@pytest.mark.parametrize("app", [agreements_app, policy_app])
def test_every_command_of_the_officer_has_a_language(app: typer.Typer) -> None:
    """But those that write for a machine."""
    for command in app.registered_commands:
        function = command.callback
        assert isinstance(function, Callable)  # type: ignore[arg-type]
        assert function is not None
        wanted = function.__name__ not in {"bundle"}
        assert any("language" in name for name in signature(function).parameters) == wanted, function


def test_every_reason_that_ends_a_command_of_the_officer_is_in_dutch() -> None:
    """Each code that is written in what those commands run."""
    raised = {
        template(call.args[0])
        for name, call in chain.from_iterable(map(calls, _OF_OFFICERS))
        if name in _ERRORS and call.args and isinstance(call.args[0], ast.Constant)
    }
    assert {"officer_missing", "file_exists", "signature_outdated"} <= raised
    assert raised | POLICY_CODES <= REASONS_NL.keys() <= REASONS.keys()


def test_every_detail_of_those_is_in_dutch() -> None:
    """And every hint; each has as many values in Dutch."""
    told: set[str] = set()
    for name, call in chain.from_iterable(map(calls, _OF_OFFICERS)):
        if name in _ERRORS | _MAKERS:
            details = [*call.args[name in _ERRORS :], *(one.value for one in call.keywords)]
            told |= {one for one in map(template, details) if re.search("[A-Za-z]", one)}
    told = {one for one in told if not _OPERATORS.search(one)}
    assert len(told) > 50
    assert told - DETAILS_NL.keys() - _SAME == set()
    for english, dutch in DETAILS_NL.items():
        assert english.count("{}") == dutch.count("{}")
        assert in_dutch(english) == dutch, english


def test_every_fault_of_a_case_is_in_dutch() -> None:
    """What `policy test` says of an officer's own file; file, line and field before it stay."""
    told: set[str] = set()
    for node in ast.walk(ast.parse((SOURCE / "policy/cases.py").read_text())):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            told |= {template(node.args[0])} if name in {"fault", "FieldError"} else set()
    told.discard("")
    assert len(told) > 10
    for english in told - {"{} is no reason{}", "no agreement {} {}; there are: {}"}:
        assert english in FAULTS_NL, english
        assert in_dutch(f"own.yaml:3: one.set: {english}") == f"own.yaml:3: one.set: {FAULTS_NL[english]}"
    two = "a.yaml:1: one.reason: unknown field\na.yaml:2: one.why: Field required"
    assert in_dutch(two) == "a.yaml:1: one.reason: onbekend veld\na.yaml:2: one.why: ontbreekt"
    assert all(english.count("{}") >= dutch.count("{}") for english, dutch in FAULTS_NL.items())


def test_an_error_is_told_in_the_language_of_the_screen() -> None:
    """Meaning, detail and what to do; the error itself stays English."""
    error = Refusal("officer_missing", "only J. Jansen signed")
    own = InputError("officer_key_unusable", "x", hint="Look elsewhere.")
    speak("nl")
    told = in_language(error)
    assert told.detail == "alleen J. Jansen heeft getekend"
    assert (told.meaning, told.what_to_do) == REASONS_NL["officer_missing"]
    assert told.message.endswith(" (alleen J. Jansen heeft getekend)")
    assert in_language(own).what_to_do == "Look elsewhere."
    speak("en")
    assert in_language(error) == (REASONS["officer_missing"].meaning, error.detail, error.hint)


@pytest.mark.parametrize(
    ("words", "environment", "dutch"),
    [
        (("policy", "history"), {}, True),
        (("policy", "history", "--language", "en"), {}, False),
        (("policy", "history"), {"LINKAGE_NODE_LANGUAGE": "en"}, False),
        (("agreements", "show", "x"), {}, True),
        (("agreements", "show", "x"), {"LINKAGE_NODE_LANGUAGE": "en"}, False),
        (("peers", "list"), {}, False),
        (("peers", "list"), {"LINKAGE_NODE_LANGUAGE": "nl"}, False),
    ],
)
def test_an_error_of_a_command_is_in_its_language(
    run: Run, words: tuple[str, ...], environment: dict[str, str], dutch: bool
) -> None:
    """Dutch for the officer, unless he asks for English; English for operators; the same code and exit code."""
    ended = run(*words, "--config", "none.yaml", **environment)
    assert (ended.code, "file_missing" in ended.err) == (3, True)
    assert ("het bestand is er niet" in ended.err, "Wat nu:" in ended.err) == (dutch, dutch)
    assert ("the file is not there" in ended.err, "What to do:" in ended.err) == (not dutch, not dutch)


def test_json_stays_english(run: Run) -> None:
    """Scripts are told the same in whatever language the screen is."""
    told = run("policy", "history", "--json", "--config", "none.yaml").json
    assert told["meaning"] == REASONS["file_missing"].meaning
