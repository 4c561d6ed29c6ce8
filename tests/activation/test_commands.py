"""Two officers, the real commands, and a node that runs: from their keys to a policy in force, and back."""

import json
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import yaml

from linkage_node.errors import ExitCode
from tests.activation.office import PASSPHRASE, own_policies
from tests.integration.world import AGREEMENT, COMMAND, LiveNode, Ran, await_that, make_pair
from tests.nodes import edit, make_node
from tests.opa_server import opa_server
from tests.registers import test_bsns as numbers_for_tests

PEOPLE = numbers_for_tests()[:40]
NAMES = {"anna": "Anna de Vries", "bert": "Bert Jansen"}


def make_key(file: Path, name: str, passphrase: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """`policy officer-key`, which needs no node."""
    words = ["policy", "officer-key", file, "--name", name, "--passphrase-file", passphrase, *options]
    return subprocess.run(
        [COMMAND, *map(str, words)], capture_output=True, text=True, check=False, timeout=60
    )


class Office:
    """The officers of a node, each with a key that `policy officer-key` made."""

    def __init__(self, live: LiveNode) -> None:
        self.live, self.folder = live, live.folder.with_name(f"{live.folder.name}-office")
        self.folder.mkdir()
        self.passphrase = self.folder / "passphrase"
        self.passphrase.write_text(f"{PASSPHRASE}\n")
        self.passphrase.chmod(0o600)
        lines = [self._key(key, name) for key, name in NAMES.items()]
        live.config.write_text(live.config.read_text() + "officers:\n" + "".join(lines))

    def _key(self, key: str, name: str) -> str:
        made = make_key(self.folder / key, name, self.passphrase)
        assert made.returncode == 0, made.stderr
        return made.stdout

    def build(self, name: str, *options: object) -> Path:
        """A policy that was built."""
        file = self.folder / name
        self.live.did("policy", "build", file, *options)
        return file

    def sign(self, file: Path, key: str, name: str = "") -> Ran:
        """One officer signs."""
        return self.live.cli(
            *("policy", "sign", file, "--officer", name or NAMES[key], "--key", self.folder / key),
            *("--passphrase-file", self.passphrase, "--json"),
        )

    def look_at_rules(self) -> None:
        """Change the rules, in a way that decides nothing otherwise."""
        rules = self.live.folder.with_name(f"{self.live.folder.name}-policies") / "linkage" / "match"
        with (rules / "decision.rego").open("a") as file:
            file.write("# looked at\n")

    def put_into_force(self, file: Path) -> Ran:
        """Both sign, and it is activated."""
        assert [self.sign(file, key).code for key in NAMES] == [0, 0]
        return self.live.did("policy", "activate", file, "--json")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A node with officers and nothing in force; it does not run."""
    live = LiveNode(make_node(tmp_path / "node"))
    own_policies(live.config)
    return Office(live)


def approved_by(live: LiveNode) -> list[str]:
    """The revisions by which a provider approved of evaluations, in order."""
    records = [one for one in live.evidence() if one["event"] == "approved"]
    return [one["revision"] for one in records if one["operation"] == "evaluate"]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[LiveNode, Office]]:
    """A requester, and the officers of a provider that runs; five people at both."""
    requester, provider = make_pair(tmp_path)
    for live in (requester, provider):
        live.load((f"r{at}", person) for at, person in enumerate(PEOPLE[:5]))
    own_policies(provider.config)
    office = Office(provider)
    provider.start()
    try:
        yield requester, office
    finally:
        provider.kill()


def test_a_running_node_takes_policies_up_and_keeps_the_good_one(
    pair: tuple[LiveNode, Office], tmp_path: Path
) -> None:
    """From nothing in force over three policies, back to the first and past a broken one: no restart."""
    requester, office = pair
    provider, newcomers = office.live, count(5)

    def ask() -> str:
        """Why a question about one more person is refused; nothing if it is answered."""
        at = next(newcomers)
        requester.load([(f"r{at}", PEOPLE[at])])
        ran = requester.match(tmp_path / "hits.csv")
        assert ran.code in (ExitCode.OK, ExitCode.REFUSED), ran
        return str(ran.json["error"]) if ran.code else ""

    def taken_up(policies: int) -> None:
        await_that(lambda: provider.said().count("policy taken up") == policies)

    assert "no policy is in force" in provider.said()
    assert ask() == "agreement_not_activated"
    first = office.build("first")
    revision = office.put_into_force(first).json["revision"]
    assert ask() == ""
    assert approved_by(provider) == [revision]

    office.look_at_rules()
    other = office.put_into_force(office.build("second")).json["revision"]
    assert other != revision
    taken_up(2)
    assert ask() == ""
    assert approved_by(provider) == [revision, other]

    office.put_into_force(office.build("third", "--without", AGREEMENT))
    taken_up(3)
    assert ask() == "agreement_not_activated"
    refused = [one for one in provider.evidence() if one["event"] == "refused"]
    assert {tuple(one["reasons"]) for one in refused} == {("agreement_not_activated",)}

    again = provider.cli("policy", "activate", first, "--json")
    assert (again.code, again.json["error"]) == (ExitCode.REFUSED, "policy_older")
    office.put_into_force(office.build("fourth", "--from", first))
    taken_up(4)
    assert ask() == ""
    assert approved_by(provider) == [revision, other, revision]

    provider.change(
        "INSERT INTO policy_activation SELECT 5, revision, x'00', signatures, activated_at, evidence_seq"
        " FROM policy_activation WHERE sequence = 4"
    )
    await_that(lambda: "the newest policy cannot be used" in provider.said())
    assert ask() == ""  # by the fourth
    assert approved_by(provider) == [revision, other, revision, revision]
    told = [one["reasons"] for one in provider.evidence() if one["event"] == "policy_refused"]
    assert told == [["policy_older"], ["policy_tampered"]]
    doctor = provider.cli("doctor", "--json").json
    assert "policy_tampered" in {one["code"] for one in doctor["findings"] if one["state"] == "fault"}

    provider.terminate()
    provider.start()
    assert ask() == "policy_tampered"
    office.put_into_force(office.build("sixth"))
    assert ask() == ""
    known = provider.did("policy", "history", "--json").json
    assert [(one["sequence"], one["officers"]) for one in known] == [
        (sequence, list(NAMES.values())) for sequence in range(1, 7)
    ]
    assert [one["sequence"] for one in known if one["active"]] == [6]


def test_what_officers_are_shown(office: Office) -> None:
    """What comes in, what goes out, what changes, and the same number and digest at every step."""
    built = office.live.did("policy", "build", office.folder / "p", "--json").json
    assert (built["sequence"], built["in_force"], built["cases"]) == (1, None, 2)
    signed = office.sign(office.folder / "p", "anna").json
    assert (signed["sha256"], signed["signed_by"], signed["missing"]) == (built["sha256"], [NAMES["anna"]], 1)
    assert office.sign(office.folder / "p", "bert").json["missing"] == 0
    assert (
        office.live.did("policy", "activate", office.folder / "p", "--json").json["sha256"] == built["sha256"]
    )
    office.look_at_rules()
    shown = office.live.did("policy", "build", office.folder / "q").out
    assert "Beleid 2, revisie " in shown
    assert "bestanden met regels: linkage/match/decision.rego" in shown
    changed = office.sign(office.folder / "q", "anna").json["changes"]
    assert [name for name, found in changed.items() if found] == ["rules"]


def test_refusals_say_what_to_do(office: Office) -> None:
    """Each step refuses what it should, with a code, an exit code and a remedy; nothing is written over."""
    live, file = office.live, office.build("p")
    unknown = live.cli("policy", "build", file.with_name("other"), "--from", "9", "--json")
    assert (unknown.code, unknown.json["error"]) == (ExitCode.REFUSED, "policy_number_unknown")
    rejected = live.cli("policy", "build", file, "--json")
    assert (rejected.code, rejected.json["error"]) == (ExitCode.INPUT, "file_exists")
    unsigned = live.cli("policy", "activate", file, "--json")
    assert (unsigned.code, unsigned.json["error"]) == (ExitCode.REFUSED, "policy_unsigned")
    assert "linkage-node policy sign" in unsigned.json["what_to_do"]
    stranger = office.sign(file, "anna", "Carl Smit")
    assert (stranger.code, stranger.json["error"]) == (ExitCode.REFUSED, "officer_not_named")
    borrowed = office.sign(file, "anna", NAMES["bert"])
    assert (borrowed.code, borrowed.json["error"]) == (ExitCode.INPUT, "officer_key_unusable")
    assert office.sign(file, "anna").code == 0
    assert live.cli("policy", "activate", file, "--json").json["error"] == "officer_missing"
    twice = office.sign(file, "anna")
    assert (twice.code, twice.json["error"]) == (ExitCode.REFUSED, "officer_signed_twice")
    assert len((office.folder / "p.signatures").read_text().splitlines()) == 1
    office.passphrase.write_text("another one than it was")
    assert office.sign(file, "bert").json["error"] == "officer_key_unusable"
    office.passphrase.chmod(0o644)
    assert office.sign(file, "bert").json["error"] == "key_not_private"
    cases = live.folder.with_name("node-policies") / "cases" / "own.yaml"
    cases.write_text(cases.read_text().replace("[purpose_not_agreed]", "[agreement_expired]"))
    failing = live.cli("policy", "build", office.folder / "q", "--json")
    assert (failing.code, failing.json["error"]) == (ExitCode.REFUSED, "policy_tests_failed")
    assert "another_purpose (cases/own.yaml:4)" in failing.json["detail"]
    assert not (office.folder / "q").exists()
    assert live.did("policy", "history").out.startswith("Er is nog geen beleid in werking gebracht")


def test_before_the_first_policy_nothing_is_logged(office: Office) -> None:
    """A command says itself that nothing is in force; one that cannot be used is a warning beside what it says."""
    office.look_at_rules()
    built = office.live.did("policy", "build", office.folder / "p")
    assert '{"' not in built.err
    office.put_into_force(office.folder / "p")
    office.live.change("UPDATE policy_activation SET bundle = x'00'")
    broken = office.live.did("policy", "build", office.folder / "q")
    assert "the newest policy cannot be used" in broken.err


def test_an_agreement_that_is_over_is_left_out(tmp_path: Path) -> None:
    """A policy takes in what can still be in force; the officer sees what it leaves out, and why."""
    asks, _ = make_pair(tmp_path)
    own_policies(asks.config)
    office = Office(asks)
    told = asks.did("policy", "build", office.folder / "p", "--json").json
    assert told["agreements"] == [{"id": AGREEMENT, "status": "not_activated", "left_out": ""}]
    asks.did("agreements", "revoke", AGREEMENT, "--yes")
    told = asks.did("policy", "build", office.folder / "q", "--json").json
    assert told["agreements"] == [{"id": AGREEMENT, "status": "revoked", "left_out": "revoked"}]
    assert told["changes"]["agreements_added"] == []


def test_an_opa_server_decides_by_what_is_in_force(office: Office, tmp_path: Path) -> None:
    """`policy bundle` writes the policy in force; with another one the server decides nothing."""
    office.put_into_force(office.build("p"))
    office.live.did("policy", "bundle", tmp_path / "bundle")
    with opa_server("--bundle", tmp_path / "bundle") as url:
        edit(office.live.config, "  engine: embedded", f"  opa_url: {url}\n  engine: opa")
        assert "beleid 1" in office.live.did("policy", "check").out
        office.look_at_rules()
        office.put_into_force(office.build("q"))
        stale = office.live.cli("policy", "check")
        assert stale.code == ExitCode.INPUT
        assert "policy_stale" in stale.words


def test_serve_refuses_production_without_officers(tmp_path: Path) -> None:
    """Before it listens; and the doctor tells it too."""
    config = make_node(tmp_path / "node")
    edit(config, "mode: development", "mode: production")
    live = LiveNode(config)
    served = live.cli("serve")
    assert served.code == ExitCode.INPUT
    assert "officers_not_named" in served.words
    assert "linkage-node policy officer-key" in served.words
    found = {one["code"] for one in live.cli("doctor", "--json").json["findings"]}
    assert "officers_not_named" in found


def test_a_passphrase_is_asked_twice_and_never_shown(tmp_path: Path) -> None:
    """On a terminal, without echo; the key opens with it, and the lines for node.yaml are on stdout alone."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [COMMAND, "policy", "officer-key", tmp_path / "key", "--name", 'Anna "A" Vries'],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
        start_new_session=True,
    )
    os.close(terminal)
    shown = ""
    for typed in (PASSPHRASE, "something else", PASSPHRASE, PASSPHRASE):
        shown += _until(controller, ": ")
        os.write(controller, f"{typed}\n".encode())
    shown += _until(controller, "officers:")
    assert "De twee zijn niet gelijk." in shown
    out, _ = process.communicate(timeout=60)
    os.close(controller)
    assert process.returncode == 0
    assert PASSPHRASE not in shown + out
    (officer,) = yaml.safe_load(out)
    assert officer["name"] == 'Anna "A" Vries'
    assert (tmp_path / "key").read_text().startswith("linkage-node-officer-key-1 ")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("passphrase", "name", "code"),
    [("short", "Anna", "officer_key_unusable"), (PASSPHRASE, "An\x1bna", "config_invalid")],
)
def test_keys_that_are_not_made(tmp_path: Path, passphrase: str, name: str, code: str) -> None:
    """A passphrase that is too short, a name that no configuration can hold."""
    (tmp_path / "passphrase").write_text(passphrase)
    (tmp_path / "passphrase").chmod(0o600)
    made = make_key(tmp_path / "key", name, tmp_path / "passphrase", "--json")
    assert (made.returncode, json.loads(made.stdout)["error"]) == (ExitCode.INPUT, code)
    assert not (tmp_path / "key").exists()


def _until(controller: int, mark: str) -> str:
    """What a terminal shows, up to a mark."""
    shown = ""
    while not re.search(re.escape(mark), shown):
        shown += os.read(controller, 1024).decode()
    return shown
