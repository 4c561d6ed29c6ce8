"""Makes a new node: its folder with configuration, keys, sealed secrets, database and card, whole or not at all."""

import errno
import json
import os
import secrets
import shutil
from base64 import b64encode
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, NamedTuple

from linkage_node.config import SealingKey, split_address
from linkage_node.errors import InputError, Refusal, StorageError
from linkage_node.evidence import EvidenceLog
from linkage_node.identifiers.oin import check_oin
from linkage_node.limits import EPSILON_PER_YEAR
from linkage_node.node import Node
from linkage_node.peers.card import card_text, make_card
from linkage_node.peers.certificates import fingerprint, load_identity, parse_chain
from linkage_node.peers.dev_ca import open_dev_ca
from linkage_node.secrets import (
    check_private,
    decode_key,
    new_secrets,
    read_bytes,
    write_private,
    write_secrets,
)
from linkage_node.storage.database import Database

SYSTEM_NAME = "system"


class Certificates(NamedTuple):
    """Certificates that a real CA made; PEM files."""

    certificate: Path
    key: Path
    ca: Path


class NewNode(NamedTuple):
    """What the operator chose."""

    folder: Path
    oin: str
    name: str
    listen: str  # HOST:PORT
    address: str | None  # HOST:PORT for the card, where it differs from `listen`
    mode: Literal["development", "production"]
    storage: str
    domain_secret: Path  # made where it does not exist
    sealing_key: SealingKey | None  # where the key is; None: it is made, in keys/seal.key
    certificates: (
        Path | Certificates
    )  # folder of a development CA (made where it does not exist), or real ones


def initialise(new: NewNode) -> None:
    """Make the node. InputError `file_exists` if there is something in its place; other faults leave nothing behind.

    The development CA and the domain secret are shared: they stay, whoever made them.
    """
    check_oin(new.oin)
    if not new.name.isprintable():
        raise InputError("config_invalid", "--name: a name has no control characters")
    address = _card_address(new)
    folder = new.folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            "file_exists", str(new.folder), hint="Give a new folder; an existing node is never overwritten."
        )
    if new.mode == "production" and isinstance(new.certificates, Path):
        raise Refusal("development_certificate", "--dev-ca with --mode production")
    beside = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside.mkdir(mode=0o700)
        try:
            _fill(beside, new, address)
            os.rename(beside, folder)  # fails unless the place is free or an empty folder
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StorageError("storage_full", str(new.folder)) from None
        code = (
            "file_exists"
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)
            else "file_unwritable"
        )
        raise InputError(code, f"{new.folder}: {error.strerror}") from None


def _fill(folder: Path, new: NewNode, address: str) -> None:
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    system = _write_certificates(keys, new, address)
    if new.sealing_key is None:
        write_private(keys / "seal.key", b64encode(os.urandom(32)) + b"\n")
    write_private(folder / "node.yaml", _node_yaml(new, system).encode())
    with Node.open(folder / "node.yaml") as node:
        certificate = load_identity(node.config).certificate
        write_secrets(folder / "secrets", node.sealer, new.oin, new_secrets(shared_secret(new.domain_secret)))
        database = Database(node.config.storage)
        database.create()
        database.close()
        EvidenceLog.of(node).begin()
        if (folder / "node.db").exists():
            (folder / "node.db").chmod(0o600)
        card = make_card(
            new.oin, new.name, address, node.secrets.signing_key.public_key(), fingerprint(certificate)
        )
        (folder / "card.yaml").write_text(card_text(card), encoding="utf-8")


def _card_address(new: NewNode) -> str:
    """The address that partners call: a wildcard to listen on is none."""
    option = "--address" if new.address else "--listen"
    address = new.address or new.listen
    try:
        split_address(new.listen)
        host, _ = split_address(address)
    except ValueError as error:
        raise InputError("config_invalid", f"{option}: {error}") from None
    try:
        wildcard = ip_address(host).is_unspecified
    except ValueError:
        wildcard = False
    if wildcard:
        raise InputError(
            "config_invalid",
            f"{option}: {host} is no address that partners can call",
            hint="Say by which name they reach this node: `--address HOST:PORT`.",
        )
    return address


def _write_certificates(keys: Path, new: NewNode, address: str) -> str | None:
    """The node's certificate, key and CA; with a development CA also a system's, whose fingerprint comes back."""
    if isinstance(new.certificates, Certificates):
        check_private(new.certificates.key)
        for name, source in (("node.pem", 0), ("node.key", 1), ("ca.pem", 2)):
            write_private(keys / name, read_bytes(new.certificates[source]))
        parse_chain(read_bytes(keys / "node.pem"), new.certificates.certificate)
        return None
    authority = open_dev_ca(new.certificates)
    hosts = (split_address(address)[0], split_address(new.listen)[0])
    node = authority.issue(oin=new.oin, organisation=new.name, common_name=hosts[0], hosts=hosts)
    system = authority.issue(oin=new.oin, organisation=new.name, common_name=SYSTEM_NAME)
    for name, content in (
        ("node.pem", node.certificate_pem),
        ("node.key", node.key_pem),
        ("ca.pem", authority.pem),
        ("system.pem", system.certificate_pem),
        ("system.key", system.key_pem),
    ):
        write_private(keys / name, content)
    return fingerprint(system.certificate)


def shared_secret(path: Path) -> bytes:
    """The domain secret in `path`, 32 bytes, made where the file is not there; safe when several do it at once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        own = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        write_private(own, b64encode(os.urandom(32)) + b"\n")
        try:
            os.link(own, path)  # whoever comes second uses the first one's
        except FileExistsError:
            pass
        finally:
            own.unlink()
    check_private(path)
    return decode_key(read_bytes(path), str(path))


def _node_yaml(new: NewNode, system: str | None) -> str:
    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)  # a JSON string is a YAML string

    systems = (
        f"""systems:
  - name: {SYSTEM_NAME}                      # keys/system.pem, made by init
    fingerprint: {system}
    may: [match, register]
"""
        if system
        else """systems: []
#  - name: case-system
#    fingerprint: 64 hexadecimal characters
#    may: [match, register]
"""
    )
    sealing_key = new.sealing_key or SealingKey(file=Path("keys/seal.key"))
    return f"""# A linkage node. `linkage-node doctor --config node.yaml` checks it. Paths are relative to this folder.

oin: {quoted(new.oin)}        # of your organisation; must equal the one in the certificate
name: {quoted(new.name)}
mode: {new.mode}                  # production refuses development certificates and test numbers

listen: {quoted(new.listen)}          # other nodes call here, and your own systems too unless listen_systems is set
# listen_systems: "127.0.0.1:7401"   # your own systems call here

storage: {quoted(new.storage)}     # or postgresql+psycopg://USER@HOST/DATABASE (its password in PGPASSFILE)

tls:
  certificate: keys/node.pem         # with its chain
  key: keys/node.key                 # mode 0600
  ca: keys/ca.pem                    # who may have made the certificates of other nodes and of your systems
  # crl: keys/ca.crl                 # revocation lists of those CAs; keep them fresh

# Opens everything that is sealed: secrets/ and parts of the database. Keep a copy elsewhere; without it they are lost.
# One of `file: PATH` (mode 0600), `env: NAME` (of a variable), `credential: NAME` (of systemd, LoadCredential=).
sealing_key: {sealing_key.model_dump_json(exclude_none=True)}

policy:
  engine: embedded                   # or opa (an Open Policy Agent server), or authzen (any decision point)
  # path: policies                   # your own policies in place of those that came with the product
  # cases: cases                     # your own cases (*.yaml), beside those of the policies: what must be decided how
  # opa_url: "http://127.0.0.1:8181"
  # pdp_url: "https://pdp.example.nl/access/v1/evaluation"
  # pdp_ca: keys/pdp-ca.pem          # who made its certificate; left out: the public CAs
  # pdp_token_file: keys/pdp.token   # its bearer token, mode 0600

# Who puts policies into force, at least two: `linkage-node policy officer-key FILE --name NAME` makes a key and prints
# its lines. Needed in production; without officers the node decides by the folder above and all its agreements.
# officers:
#   - {{name: "...", key: base64}}

# What the register may tell in counts in a calendar year (UTC), over all requesters; the privacy officer chooses it.
count: {{epsilon_per_year: {EPSILON_PER_YEAR:g}}}

# Your own systems, known by the SHA-256 of their certificate (openssl x509 -noout -fingerprint -sha256, lower case,
# without colons), and what each may do.
{systems}
# auditor_key: base64                # X25519 public key; what proves whom you asked about is sealed to it

log_level: info                      # debug, info, warning, error
# log_file: node.log                 # in place of stderr
"""
