"""`linkage-node init`: a whole node or nothing."""

import os
import stat
import subprocess
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme

from linkage_node.config import SealingKey
from linkage_node.errors import ExitCode, InputError, LinkageError
from linkage_node.initialise import shared_secret
from linkage_node.node import Node
from linkage_node.peers.certificates import fingerprint, load_identity, oin_of, parse_chain
from linkage_node.peers.dev_ca import open_dev_ca
from linkage_node.secrets import write_private
from tests.cli.conftest import COMMAND, Run
from tests.nodes import OIN_A, OIN_B, certify, make_node

SHARED_FILES = ("--dev-ca", "dev-ca", "--domain-secret", "domain.secret")


def init(
    run: Run, folder: str = "a", oin: str = OIN_A, listen: str = "127.0.0.1:7400", *more: object, **env: str
) -> int:
    """The exit code of `init` with the usual options."""
    return run(
        "init",
        folder,
        "--oin",
        oin,
        "--name",
        "Gemeente A",
        "--listen",
        listen,
        *(more or SHARED_FILES),
        **env,
    ).code


def test_what_is_made(run: Run, tmp_path: Path) -> None:
    """All parts are there, fit together, and what is secret is for the owner only; the output says what to do next."""
    ran = run(
        "init", "a", "--oin", OIN_A, "--name", 'Gemeente "Á"', "--listen", "127.0.0.1:7400", *SHARED_FILES
    )
    assert ran.code == 0
    assert "card.yaml" in ran.out
    assert "What to do next" in ran.out
    folder = tmp_path / "a"
    with Node.open(folder / "node.yaml") as node:
        assert (node.config.oin, node.config.name) == (OIN_A, 'Gemeente "Á"')
        assert node.secrets.domain_secret == b64decode((tmp_path / "domain.secret").read_bytes())
        assert node.peers.list() == []
        assert node.agreements.list() == []
        assert oin_of(load_identity(node.config).certificate) == OIN_A
        system = parse_chain((folder / "keys" / "system.pem").read_bytes(), folder)[0]
        assert oin_of(system) == OIN_A
        assert [(one.name, one.fingerprint, one.may) for one in node.config.systems] == [
            ("system", fingerprint(system), ("match", "register"))
        ]
    for path in [*folder.rglob("*"), folder, tmp_path / "domain.secret", tmp_path / "dev-ca" / "ca.key"]:
        if path.name != "card.yaml":
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "dev-ca", "domain.secret"]


def test_two_nodes_share_domain_and_ca(run: Run, tmp_path: Path) -> None:
    """A second node uses the first one's CA and domain secret, and has its own of everything else."""
    assert init(run, "a") == 0
    assert init(run, "b", OIN_B, "localhost:7401") == 0
    with Node.open(tmp_path / "a" / "node.yaml") as first, Node.open(tmp_path / "b" / "node.yaml") as second:
        assert first.secrets.domain_secret == second.secrets.domain_secret
        assert first.secrets.register_scalar != second.secrets.register_scalar
        assert first.secrets.signing_key.private_bytes_raw() != second.secrets.signing_key.private_bytes_raw()
        assert load_identity(first.config).ca == load_identity(second.config).ca


def test_twice(run: Run, tmp_path: Path) -> None:
    """An existing node is never overwritten, nor any other folder that holds something."""
    assert init(run) == 0
    before = {path: path.read_bytes() for path in (tmp_path / "a").rglob("*") if path.is_file()}
    again = run("init", "a", "--oin", OIN_B, "--name", "B", "--listen", "127.0.0.1:7401", *SHARED_FILES)
    assert again.code == ExitCode.INPUT
    assert "file_exists" in again.err
    assert {path: path.read_bytes() for path in (tmp_path / "a").rglob("*") if path.is_file()} == before
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    assert init(run, "file") == ExitCode.INPUT
    assert init(run, "empty") == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--oin", "123"], "oin_invalid"),
        (["--listen", "localhost"], "HOST:PORT"),
        (["--listen", "0.0.0.0:7400"], "--address HOST:PORT"),
        (["--address", "nowhere"], "--address"),
        (["--name", "a\nb"], "control characters"),
        (["--mode", "production"], "development_certificate"),
        (["--domain-secret", "dev-ca"], "file_is_directory"),
        (["--domain-secret", "short"], "key_malformed"),
        (["--domain-secret", "open"], "key_not_private"),
        (["--dev-ca", "full"], "file_exists"),
        (["--storage", "postgresql+psycopg://127.0.0.1:1/none"], "storage_unusable"),
        (["--storage", "mysql://x"], "storage"),
    ],
)
def test_refused_and_nothing_left(run: Run, tmp_path: Path, options: list[str], words: str) -> None:
    """Whatever is wrong is told, and no half node stays behind."""
    open_dev_ca(tmp_path / "dev-ca")
    write_private(tmp_path / "short", b"abc")
    write_private(tmp_path / "open", b64encode(bytes(32)))
    (tmp_path / "open").chmod(0o644)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    before = sorted(tmp_path.iterdir())
    usual = ["--oin", OIN_A, "--name", "A", "--listen", "127.0.0.1:7400", *SHARED_FILES]
    ran = run("init", "a", *usual, *options)
    assert ran.code in (ExitCode.INPUT, ExitCode.REFUSED, ExitCode.STORAGE)
    assert words in ran.err
    assert [path for path in sorted(tmp_path.iterdir()) if path.name != "domain.secret"] == before


def test_certificates_of_one_kind(run: Run, tmp_path: Path) -> None:
    """Either a development CA or real certificates: both, half of them or neither is a usage error."""
    for more in (
        ("--domain-secret", "s"),
        ("--domain-secret", "s", "--dev-ca", "c", "--certificate", "x"),
        ("--domain-secret", "s", "--certificate", "x", "--key", "y"),
    ):
        assert init(run, "a", OIN_A, "127.0.0.1:7400", *more) == ExitCode.USAGE
    assert list(tmp_path.iterdir()) == []


def test_real_certificates(run: Run, tmp_path: Path) -> None:
    """Given certificates are checked and copied; without a development CA there is no system yet."""
    issued = open_dev_ca(tmp_path / "some-ca").issue(oin=OIN_A, organisation="A", common_name="a")
    write_private(tmp_path / "cert.pem", issued.certificate_pem)
    write_private(tmp_path / "cert.key", issued.key_pem)
    real = (
        "--certificate",
        "cert.pem",
        "--key",
        "cert.key",
        "--ca",
        "some-ca/ca.pem",
        "--domain-secret",
        "secret",
    )
    assert init(run, "b", OIN_B, "127.0.0.1:7400", *real) == ExitCode.REFUSED  # of another organisation
    assert init(run, "c", OIN_A, "127.0.0.1:7400", *real, "--mode", "production") == ExitCode.REFUSED
    assert init(run, "a", OIN_A, "127.0.0.1:7400", *real) == 0
    with Node.open(tmp_path / "a" / "node.yaml") as node:
        assert load_identity(node.config).certificate == issued.certificate
        assert node.config.systems == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a",
        "cert.key",
        "cert.pem",
        "secret",
        "some-ca",
    ]


def test_production(run: Run, tmp_path: Path) -> None:
    """A production node takes certificates of a CA that is not for development; the doctor asks for what it lacks."""
    for name, content in zip(("cert.pem", "cert.key", "ca.pem"), certify(trustme.CA(), OIN_A), strict=True):
        write_private(tmp_path / name, content)
    real = ("--certificate", "cert.pem", "--key", "cert.key", "--ca", "ca.pem", "--domain-secret", "secret")
    assert init(run, "a", OIN_A, "127.0.0.1:7400", *real, "--mode", "production") == 0
    answer = run("doctor", "--json", "--config", "a/node.yaml").json
    faults = [finding["code"] for finding in answer["findings"] if finding["state"] == "fault"]
    assert faults == ["officers_not_named"]
    seen = " ".join(finding["seen"] for finding in answer["findings"] if finding["state"] == "warning")
    assert "no `auditor_key`" in seen
    assert "no `tls.crl`" in seen


def test_given_sealing_key(run: Run, tmp_path: Path) -> None:
    """With --sealing-key no key is made in the folder, and node.yaml says where it comes from."""
    key = b64encode(os.urandom(32)).decode()
    (tmp_path / "credentials").mkdir()
    write_private(tmp_path / "credentials" / "seal", key.encode())
    here = {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials"), "SEAL": key}
    for name, source, found in (
        ("a", "env:SEAL", SealingKey(env="SEAL")),
        ("b", "credential:seal", SealingKey(credential="seal")),
        ("c", "file:credentials/seal", SealingKey(file=tmp_path / "credentials" / "seal")),
    ):
        assert init(run, name, OIN_A, "127.0.0.1:7400", *SHARED_FILES, "--sealing-key", source, **here) == 0
        with Node.open(tmp_path / name / "node.yaml") as node:
            assert node.config.sealing_key == found
        assert not (tmp_path / name / "keys" / "seal.key").exists()
        assert run("doctor", "--json", "--config", f"{name}/node.yaml", **here).json["faults"] == 0
    assert (
        init(run, "d", OIN_A, "127.0.0.1:7400", *SHARED_FILES, "--sealing-key", "env:NOT_SET")
        == ExitCode.INPUT
    )
    assert (
        init(run, "d", OIN_A, "127.0.0.1:7400", *SHARED_FILES, "--sealing-key", "vault:x") == ExitCode.USAGE
    )
    assert not (tmp_path / "d").exists()


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Where nothing can be made, that is what is said: /proc refuses even root."""
    with pytest.raises(InputError) as error:
        make_node(Path("/proc/node"), domain_secret=tmp_path / "s", certificates=tmp_path / "ca")
    assert error.value.code == "file_unwritable"
    assert list(tmp_path.iterdir()) == []


def test_interrupted_halfway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An init that is broken off leaves no node, and another one after it succeeds."""

    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("linkage_node.initialise.write_secrets", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make_node(tmp_path / "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dev-ca", "domain.secret"]
    assert make_node(tmp_path / "a").exists()


def test_several_at_once(tmp_path: Path) -> None:
    """Nodes that are made at the same moment end up in the same domain and under the same CA."""
    options = ["--name", "x", *SHARED_FILES]
    commands = [
        [
            str(COMMAND),
            "init",
            f"n{i}",
            "--oin",
            f"0000009900000{i:03}0000",
            "--listen",
            f"127.0.0.1:{7400 + i}",
            *options,
        ]
        for i in range(4)
    ]
    running = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) for command in commands]
    assert [process.wait(60) for process in running] == [0] * 4
    secrets, authorities = set(), set()
    for i in range(4):
        with Node.open(tmp_path / f"n{i}" / "node.yaml") as node:
            secrets.add(node.secrets.domain_secret)
            authorities.add(load_identity(node.config).ca)
    assert len(secrets) == len(authorities) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dev-ca",
        "domain.secret",
        "n0",
        "n1",
        "n2",
        "n3",
    ]


def test_same_folder_at_once(tmp_path: Path) -> None:
    """Of several that make the same node, exactly one succeeds, and its node is whole."""
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda oin: _try(tmp_path, oin), [OIN_A, OIN_B] * 2))
    assert sorted(made) == ["file_exists"] * 3 + ["made"]
    with Node.open(tmp_path / "a" / "node.yaml") as node:
        assert node.secrets
        assert oin_of(load_identity(node.config).certificate) == node.config.oin


def _try(tmp_path: Path, oin: str) -> str:
    try:
        make_node(tmp_path / "a", oin)
    except LinkageError as error:
        return error.code
    return "made"


def test_domain_secret_once(tmp_path: Path) -> None:
    """Of several that make the domain secret at the same moment, all get the same one."""
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: shared_secret(tmp_path / "domain.secret"), range(8)))
    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["domain.secret"]
