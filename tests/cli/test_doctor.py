"""`linkage-node doctor`: a broken node for each finding."""

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, insert, update

from linkage_node.clock import now_ms
from linkage_node.diagnosis import Finding, State, diagnose
from linkage_node.errors import ExitCode
from linkage_node.node import Node
from linkage_node.peers.dev_ca import open_dev_ca
from linkage_node.secrets import write_private
from linkage_node.storage import tables
from tests.cli.conftest import COMMAND, Run
from tests.nodes import OIN_A, OIN_B, OIN_C, edit, introduce, make_node
from tests.peers.conftest import Serve, config_of, serve
from tests.postgres_server import postgres_server
from tests.signed import add_signed

__all__ = ["serve"]  # the fixture


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The node.yaml of a sound node."""
    return make_node(tmp_path / "a", OIN_A)


def found(config: Path, check: str, *, health: bool = False) -> list[Finding]:
    """What one check found."""
    return [finding for finding in diagnose(config, health=health) if finding.check == check]


def the_fault(config: Path) -> Finding:
    """The only fault of a node."""
    (finding,) = [finding for finding in diagnose(config) if finding.state is State.FAULT]
    return finding


def test_sound_node(run: Run, config: Path) -> None:
    """A new node has no fault; the table and the JSON say the same; warnings do not change the exit code."""
    shown = run("doctor", "--config", config)
    assert shown.code == 0
    assert "0 faults" in shown.out
    answer = run("doctor", "--json", "--config", config).json
    assert answer["faults"] == 0
    states = {finding["check"]: finding["state"] for finding in answer["findings"]}
    assert states == {
        "configuration": "ok",
        "files": "ok",
        "disk": "ok",
        "secrets": "ok",
        "certificate": "ok",
        "card": "ok",
        "database": "ok",
        "writing": "ok",
        "clock": "ok",
        "epoch seeds": "ok",
        "wiping": "ok",
        "listening": "warning",
        "peers": "warning",
        "agreements": "warning",
        "policy": "ok",
        "evidence": "ok",
    }


def replace_certificate(
    config: Path, ca: str = "dev-ca", oin: str = OIN_A, days: int = 60, ago: int = 0
) -> None:
    """Another certificate for the node, from the CA in the folder `ca`."""
    start = datetime.now(UTC) - timedelta(days=ago)
    issued = open_dev_ca(config.parent.parent / ca).issue(
        oin=oin, organisation="x", common_name="x", start=start, days=days
    )
    write_private(config.parent / "keys" / "node.pem", issued.certificate_pem)
    write_private(config.parent / "keys" / "node.key", issued.key_pem)


def _seal_key_gone(config: Path) -> None:
    (config.parent / "keys" / "seal.key").unlink()


def _seal_key_open(config: Path) -> None:
    (config.parent / "keys" / "seal.key").chmod(0o644)


def _other_seal_key(config: Path) -> None:
    write_private(config.parent / "keys" / "seal.key", os.urandom(32))


def _secret_damaged(config: Path) -> None:
    write_private(config.parent / "secrets" / "signing_key.sealed", b"\x01" + os.urandom(60))


def _database_gone(config: Path) -> None:
    (config.parent / "node.db").unlink()


def _database_garbage(config: Path) -> None:
    for left in config.parent.glob("node.db-*"):
        left.unlink()
    (config.parent / "node.db").write_bytes(b"not a database, but long enough to look like one" * 100)


def _other_schema(config: Path) -> None:
    with Node.open(config) as node, node.database.write() as connection:
        connection.execute(update(tables.schema_version).values(version=99))


def _evidence_broken(config: Path) -> None:
    from linkage_node.evidence import EvidenceLog

    with Node.open(config) as node:
        log = EvidenceLog.of(node)
        for _ in range(3):
            log.write(event="x", role="provider", at_ms=now_ms())
        with node.database.write() as connection:
            connection.execute(
                update(tables.evidence).where(tables.evidence.c.seq == 2).values(hash=bytes(32))
            )


def _clock_back(config: Path) -> None:
    from linkage_node.evidence import EvidenceLog

    with Node.open(config) as node:
        EvidenceLog.of(node).write(event="x", role="provider", at_ms=now_ms() + 86_400_000)


def _no_policies(config: Path) -> None:
    edit(config, "  # path: policies ", "  path: nowhere ")


def _opa_down(config: Path) -> None:
    edit(config, "engine: embedded ", "engine: opa ")
    edit(config, '# opa_url: "http://127.0.0.1:8181"', 'opa_url: "http://127.0.0.1:1"')


def _policy_that_says_yes(config: Path) -> None:
    folder = config.parent / "policies"
    shutil.copytree(Path(__file__).parents[2] / "policies" / "catalogue", folder / "catalogue")
    (folder / "yes.rego").write_text(
        "package linkage.match\n\n"
        'default decision := {"allow": false, "reasons": ["policy_denied"], "revision": "no", "obligations": {}}\n\n'
        'decision := {"allow": true, "reasons": [], "revision": "yes", "obligations": {"evaluations_per_day": 1000, '
        '"largest_query": 1000, "result_retention_days": 1, "kinds": ["bsn"], "answers": ["hit"], "proof": false, '
        '"receipts": false}} if input.subject.id\n'
    )
    edit(config, "  # path: policies ", "  path: policies ")


def _foreign_card(config: Path) -> None:
    other = make_node(config.parent.parent / "other", OIN_A)
    (config.parent / "card.yaml").write_text((other.parent / "card.yaml").read_text())


def _card_says_another_host(config: Path) -> None:
    card = config.parent / "card.yaml"
    card.write_text(card.read_text().replace("127.0.0.1", "node.example.nl"))


def _address_of_another_machine(config: Path) -> None:
    port = config_of(config).listen.rpartition(":")[2]
    edit(config, f"127.0.0.1:{port}", f"192.0.2.1:{port}")


def _stale_crl(config: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    authority = open_dev_ca(config.parent.parent / "dev-ca")
    now = datetime.now(UTC)
    stale = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - timedelta(days=9))
        .next_update(now - timedelta(days=2))
        .sign(authority._key, SHA256())
    )
    (config.parent / "keys" / "ca.crl").write_bytes(stale.public_bytes(Encoding.PEM))
    edit(config, "  # crl: keys/ca.crl", "  crl: keys/ca.crl")


@pytest.mark.parametrize(
    ("spoil", "check", "code", "words"),
    [
        (lambda config: config.unlink(), "configuration", "file_missing", "node.yaml"),
        (
            lambda config: edit(config, "listen:", "lisen:"),
            "configuration",
            "config_invalid",
            "node.yaml:7: lisen",
        ),
        (_seal_key_gone, "secrets", "sealing_key_missing", "seal.key"),
        (_other_seal_key, "secrets", "secret_unreadable", "domain_secret.sealed"),
        (_secret_damaged, "secrets", "secret_unreadable", "signing_key.sealed"),
        (lambda config: replace_certificate(config, oin=OIN_B), "certificate", "oin_mismatch", OIN_B),
        (lambda config: replace_certificate(config, ago=90), "certificate", "", "it expired on"),
        (lambda config: replace_certificate(config, ago=-5), "certificate", "", "it is valid from"),
        (lambda config: replace_certificate(config, ca="other-ca"), "certificate", "", "does not trust"),
        (_card_says_another_host, "certificate", "", "is not for node.example.nl"),
        (_stale_crl, "certificate", "certificate_revoked", "no current list"),
        (_foreign_card, "card", "", "of another node"),
        (_database_gone, "database", "storage_unusable", "there is no database"),
        (_database_garbage, "database", "storage_unusable", "not a database"),
        (_other_schema, "database", "storage_unusable", "schema version 99"),
        (_clock_back, "clock", "", "which is before"),
        (_address_of_another_machine, "listening", "", "192.0.2.1"),
        (_no_policies, "policy", "policy_invalid", "nowhere"),
        (_opa_down, "policy", "policy_unavailable", "127.0.0.1:1"),
        (_policy_that_says_yes, "policy", "", "without an agreement"),
        (_evidence_broken, "evidence", "evidence_broken", "record 2"),
    ],
)
def test_faults(config: Path, spoil: Callable[[Path], None], check: str, code: str, words: str) -> None:
    """Each fault is found where it is, told with what is wrong, and comes with a remedy."""
    spoil(config)
    finding = the_fault(config)
    assert (finding.check, finding.code) == (check, code)
    assert words in finding.seen
    assert finding.remedy


def test_production_needs_real_certificates_and_officers(config: Path) -> None:
    """A development node that is switched to production lacks both."""
    edit(config, "mode: development", "mode: production")
    faults = [(one.check, one.code) for one in diagnose(config) if one.state is State.FAULT]
    assert faults == [("certificate", "development_certificate"), ("policy", "officers_not_named")]


def test_open_key_file(config: Path) -> None:
    """A sealing key that everybody can read is a fault of the files and of the secrets."""
    _seal_key_open(config)
    faults = [finding for finding in diagnose(config) if finding.state is State.FAULT]
    assert [finding.check for finding in faults] == ["files", "secrets"]
    assert all("chmod 600" in finding.remedy for finding in faults)


def test_what_stands_on_a_fault_is_skipped(run: Run, config: Path) -> None:
    """Without a database the checks that need it say so, in place of the same fault six times; the exit code is 3."""
    _database_gone(config)
    states = {finding.check: finding.state for finding in diagnose(config)}
    skipped = {check for check, state in states.items() if state is State.SKIPPED}
    assert skipped == {
        "writing",
        "clock",
        "epoch seeds",
        "wiping",
        "peers",
        "agreements",
        "policy",
        "evidence",
    }
    ran = run("doctor", "--config", config)
    assert ran.code == ExitCode.INPUT
    assert "1 fault, " in ran.out


def test_certificate_that_expires_soon(config: Path) -> None:
    """A certificate in its last month is a warning."""
    replace_certificate(config, days=10)
    (finding,) = found(config, "certificate")
    assert finding.state is State.WARNING
    assert "it expires on" in finding.seen


def test_disk_that_is_nearly_full(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Little room is a warning, next to none a fault."""
    for free, state in ((10**9, State.WARNING), (10**6, State.FAULT)):
        usage = SimpleNamespace(free=free)
        monkeypatch.setattr("shutil.disk_usage", lambda _path, usage=usage: usage)
        assert [finding.state for finding in found(config, "disk")] == [state]


def test_overdue_seed(config: Path) -> None:
    """A seed that outlived its epoch is a warning; one that was destroyed, or still runs, is none."""
    with Node.open(config) as node, node.database.write() as connection:
        for epoch, sealed, ends in (
            (0, None, 0),
            (1, b"x", now_ms() - 3 * 86_400_000),
            (2, b"x", now_ms() + 1000),
        ):
            connection.execute(
                insert(tables.epoch_seed).values(
                    agreement_hash=bytes(64), epoch=epoch, sealed=sealed, ends_at=ends
                )
            )
    (finding,) = found(config, "epoch seeds")
    assert finding.state is State.WARNING
    assert finding.seen.startswith("1 of epochs")
    assert "3 days late" in finding.seen


def test_wiping_that_is_overdue(config: Path) -> None:
    """What a reader kept from being wiped for long is a warning; for a minute it is none."""
    with Node.open(config) as node:
        for ago, state in ((60_000, State.OK), (86_400_000, State.WARNING)):
            with node.database.write() as connection:
                connection.execute(delete(tables.owed_scrub))
                node.database.owe_scrub(connection, "epoch_seed")
                connection.execute(update(tables.owed_scrub).values(since=now_ms() - ago))
            assert [finding.state for finding in found(config, "wiping")] == [state]


AGREEMENT = """id: shared
purpose: debt help
purpose_category: intake
legal_basis: {{id: wgs-4a, article: Wgs 3}}
requester: {{kind: municipality, oin: "{requester}", name: R}}
provider: {{kind: credit_bank, oin: "{provider}", name: P}}
kinds: [bsn]
answers: [hit]
valid_from: {first}
valid_until: {last}
limits: {{evaluations_per_day: 1000, largest_query: 1000}}
"""


def test_own_cases_that_are_not_there(config: Path) -> None:
    """A folder of cases that node.yaml names and that holds none is told: no policy could be built."""
    edit(config, "  engine: embedded", "  engine: embedded\n  cases: ../gevallen")
    seen = [finding.seen for finding in found(config, "policy") if finding.state is State.WARNING]
    assert any("gevallen: no file *.yaml with cases" in one for one in seen)
    folder = config.parent.parent / "gevallen"
    folder.mkdir()
    (folder / "mine.yaml").write_text("one: {why: W., reasons: []}")
    assert not [one for one in found(config, "policy") if one.state is State.WARNING]


@pytest.mark.parametrize(
    ("first", "last", "states", "words"),
    [
        (-10, 100, ["ok"], "runs until"),
        (-10, 5, ["warning"], "ends on"),
        (-10, -1, ["warning"], "ended on"),
        (5, 100, ["ok"], "starts on"),
    ],
)
def test_agreements(config: Path, first: int, last: int, states: list[str], words: str) -> None:
    """An agreement that ended, or ends soon, is a warning; one that runs, or will, is fine."""
    introduce(config, make_node(config.parent.parent / "b", OIN_B))
    today = date.today()
    text = AGREEMENT.format(
        requester=OIN_A,
        provider=OIN_B,
        first=today + timedelta(days=first),
        last=today + timedelta(days=last),
    )
    with Node.open(config) as node:
        add_signed(node, text)
    findings = found(config, "agreements")
    assert [finding.state.value for finding in findings] == states
    assert words in findings[0].seen


def test_agreement_with_a_stranger(config: Path) -> None:
    """An agreement whose other party is not among the peers is a warning."""
    today = date.today()
    with Node.open(config) as node:
        node.agreements.add(
            AGREEMENT.format(requester=OIN_C, provider=OIN_A, first=today, last=today + timedelta(days=99))
        )
    first = found(config, "agreements")[0]
    assert first.state is State.WARNING
    assert OIN_C in first.seen
    assert "not among the peers" in first.seen


def test_peers(config: Path, serve: Serve) -> None:
    """A peer that is down is a warning; one that answers is fine; one that shows another OIN is a fault."""
    second = make_node(config.parent.parent / "b", OIN_B)
    introduce(config, second)
    (down,) = found(config, "peers")
    assert (down.state, down.code) == (State.WARNING, "peer_unreachable")
    server = serve(config_of(second))
    assert [finding.state for finding in found(config, "peers")] == [State.OK]
    server.stop(None).wait()
    third = make_node(config.parent.parent / "c", OIN_C, listen=config_of(second).listen)
    serve(config_of(third))
    (other,) = found(config, "peers")
    assert (other.state, other.code) == (State.FAULT, "oin_mismatch")


def test_port_of_something_else(config: Path, serve: Serve) -> None:
    """Another node on the port, or this one with a certificate that was renewed since, is told apart."""
    other = make_node(config.parent.parent / "c", OIN_C, listen=config_of(config).listen)
    serve(config_of(other))
    (finding,) = found(config, "listening")
    assert finding.state is State.FAULT
    assert "another certificate" in finding.seen


def test_port_without_tls(config: Path) -> None:
    """Something that speaks no TLS on the port is a fault."""
    host, _, port = config_of(config).listen.rpartition(":")
    with socket.create_server((host, int(port))) as server:

        def hang_up() -> None:
            for _ in range(2):
                server.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        (finding,) = found(config, "listening")
    assert finding.state is State.FAULT
    assert "something else" in finding.seen


def test_health_of_a_node_that_does_not_run(run: Run, config: Path) -> None:
    """As a health check, a node that does not run is a fault, and the slow checks are left out."""
    findings = list(diagnose(config, health=True))
    assert {"peers", "evidence", "writing"}.isdisjoint({finding.check for finding in findings})
    assert [finding.check for finding in findings if finding.state is State.FAULT] == ["listening"]
    assert run("doctor", "--health", "--config", config).code == ExitCode.INPUT


def test_health_of_a_node_that_runs(config: Path) -> None:
    """A node that runs and says SERVING is well."""
    process = subprocess.Popen([COMMAND, "serve", "--config", config], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        (finding,) = found(config, "listening", health=True)
        assert (finding.state, finding.seen) == (State.OK, f"the node runs on {config_of(config).listen}")
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_node_on_postgresql(tmp_path: Path) -> None:
    """A node with its database on PostgreSQL is made and found sound; a password in the URL is not shown."""
    with postgres_server() as make_database:
        url = make_database().replace("://linkage@", "://linkage:open-sesame@")
        config = make_node(tmp_path / "a", OIN_A, storage=url)
        assert not list(config.parent.glob("*.db"))
        assert not [finding for finding in diagnose(config) if finding.state is State.FAULT]
        (database,) = found(config, "database")
        assert "postgresql" in database.seen
        assert "open-sesame" not in database.seen
    (down,) = found(config, "database")
    assert (down.state, down.code) == (State.FAULT, "storage_unusable")
    assert "open-sesame" not in down.seen
