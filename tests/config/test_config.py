"""node.yaml: what it may hold, and how every mistake is told with its file, line and field."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.config import load_config, split_address
from linkage_node.errors import InputError
from tests.nodes import OIN_A

GOOD = f"""oin: "{OIN_A}"
name: Gemeente Voorbeeld
listen: "127.0.0.1:7400"
tls:
  certificate: keys/node.pem
  key: /etc/tls/node.key
  ca: keys/ca.pem
sealing_key:
  file: keys/seal.key
"""


def write(tmp_path: Path, text: str) -> Path:
    """A node.yaml with this text."""
    path = tmp_path / "node.yaml"
    path.write_text(text)
    return path


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths count from the folder of node.yaml, wherever the command is run; absolute ones stay."""
    write(tmp_path, GOOD + "log_file: logs/node.log\npolicy: {path: policies}\n")
    monkeypatch.chdir(tmp_path)
    for path in (Path("node.yaml"), tmp_path / "node.yaml"):
        loaded = load_config(path)
        config = loaded.config
        assert loaded.folder == tmp_path
        assert config.tls.certificate == tmp_path / "keys" / "node.pem"
        assert config.tls.key == Path("/etc/tls/node.key")
        assert config.sealing_key.file == tmp_path / "keys" / "seal.key"
        assert config.policy.path == tmp_path / "policies"
        assert config.log_file == tmp_path / "logs" / "node.log"
        assert config.storage == f"sqlite:///{tmp_path}/node.db"


def test_defaults_are_the_careful_ones(tmp_path: Path) -> None:
    """What is left out is development, embedded policy, and no systems at all."""
    config = load_config(write(tmp_path, GOOD)).config
    assert (config.mode, config.policy.engine, config.systems, config.log_level) == (
        "development",
        "embedded",
        (),
        "info",
    )


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://linkage@db.example/linkage", "sqlite:////var/lib/node.db", "sqlite://"]
)
def test_other_databases_stay_as_they_are(tmp_path: Path, url: str) -> None:
    """Only a relative SQLite path is changed."""
    assert load_config(write(tmp_path, GOOD + f'storage: "{url}"\n')).config.storage == url


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("listen:", "lisen:", 3, "lisen"),
        ("  certificate:", "  certifcate:", 5, "tls.certifcate"),
        (f'"{OIN_A}"', '"123"', 1, "oin"),
        (f'"{OIN_A}"', "12", 1, "in quotes"),
        ('"127.0.0.1:7400"', "localhost", 3, "HOST:PORT"),
        ('"127.0.0.1:7400"', '"127.0.0.1:0"', 3, "from 1 to 65535"),
        ('"127.0.0.1:7400"', '"::1:7400"', 3, "brackets"),
        ("  file: keys/seal.key", "  file: keys/seal.key\n  env: KEY", 8, "exactly one"),
        ("  file: keys/seal.key", "  {}", 8, "exactly one"),
        ("  file: keys/seal.key", "  credential: ../etc/passwd", 9, "credential"),
        ("Gemeente Voorbeeld", '"a\\nb"', 2, "control characters"),
        ("name: Gemeente Voorbeeld", "name: Gemeente Voorbeeld\nmode: test", 3, "mode"),
        ("name: Gemeente Voorbeeld", "name: Gemeente Voorbeeld\nstorage: mysql://x/y", 3, "postgresql"),
        ("name: Gemeente Voorbeeld", "name: Gemeente Voorbeeld\nstorage: node.db", 3, "database URL"),
        ("name: Gemeente Voorbeeld", "name: Gemeente Voorbeeld\npolicy: {engine: opa}", 3, "opa_url"),
        ("name: Gemeente Voorbeeld", "name: Gemeente Voorbeeld\npolicy: {opa_url: 'ftp://x'}", 3, "opa_url"),
        ("name: Gemeente Voorbeeld", "name: Gemeente Voorbeeld\npolicy: {engine: authzen}", 3, "pdp_url"),
        ("name: Gemeente Voorbeeld", "name: x\npolicy: {pdp_url: 'https://me:secret@pdp.nl'}", 3, "pdp_url"),
        ("name: Gemeente Voorbeeld", "name: x\npolicy: {pdp_url: 'https://pdp.nl/?a=b'}", 3, "pdp_url"),
        ("name: Gemeente Voorbeeld", "name: x\nsystems:\n  - name: s\n    fingerprint: AB", 5, "fingerprint"),
        (
            "name: Gemeente Voorbeeld",
            "name: x\nsystems:\n  - {name: s, fingerprint: " + "ab" * 32 + ", may: [all]}",
            4,
            "may",
        ),
        ("name: Gemeente Voorbeeld", "name: x\nauditor_key: abc", 3, "auditor_key"),
    ],
)
def test_mistakes_name_their_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    """A typo or a wrong value is told as file:line: field."""
    assert GOOD.count(old) == 1
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(InputError) as error:
        load_config(path)
    assert error.value.code == "config_invalid"
    assert f"{path}:{line}: " in error.value.detail
    assert words in error.value.detail


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "file_malformed", ":1:"),
        ("just words", "file_malformed", ":1:"),
        ("a: [1,\nb: 2", "file_malformed", ":2:"),
        ("oin: x\noin: y\n", "file_malformed", "stands twice"),
        (
            "name: x\noin: 00000001000000010000\n",
            "file_malformed",
            ":2: a number is written as 100 or 0.5; put what",
        ),
    ],
)
def test_what_is_no_configuration(tmp_path: Path, text: str, code: str, words: str) -> None:
    """An empty file, other text, broken YAML or a repeated key is refused with its line."""
    with pytest.raises(InputError) as error:
        load_config(write(tmp_path, text))
    assert error.value.code == code
    assert words in error.value.detail


def test_no_file_or_a_folder(tmp_path: Path) -> None:
    """A missing file and a folder are told apart."""
    for path, code in ((tmp_path / "no.yaml", "file_missing"), (tmp_path, "file_is_directory")):
        with pytest.raises(InputError) as error:
            load_config(path)
        assert error.value.code == code


@given(st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True) | st.ip_addresses().map(str), st.integers(1, 65535))
def test_addresses(host: str, port: int) -> None:
    """Any host name or IP address and port is split as it was put together."""
    written = f"[{host}]" if ":" in host else host
    assert split_address(f"{written}:{port}") == (host, port)


@given(st.text())
def test_address_or_value_error(text: str) -> None:
    """Any text is an address or a ValueError, nothing else."""
    try:
        host, port = split_address(text)
    except ValueError:
        return
    assert host
    assert 1 <= port <= 65535
