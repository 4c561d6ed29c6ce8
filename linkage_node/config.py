"""The node's configuration: `node.yaml`, typed and strict. An unknown key or a wrong value is told with its line."""

import unicodedata
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from linkage_node.errors import InputError
from linkage_node.limits import EPSILON_PER_YEAR, EPSILON_PER_YEAR_LARGEST, OFFICERS_NEEDED
from linkage_node.yaml_model import FieldError, StrictModel, load_model

_OIN_DIGITS = 20


def split_address(text: str) -> tuple[str, int]:
    """HOST and PORT of `HOST:PORT`, `[IPV6]:PORT` included; ValueError if it is something else."""
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError("an IPv6 address stands in brackets, such as [::1]:7400")
    if not colon or not host or any(character.isspace() or character in "/@" for character in host):
        raise ValueError("expected HOST:PORT, such as node.example.nl:7400")
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError("the port is a number from 1 to 65535")
    return host, int(port)


def _oin(value: Any) -> Any:
    from linkage_node.identifiers.oin import is_oin

    if isinstance(value, int):  # YAML reads an unquoted 000... as a number
        raise FieldError("put the OIN in quotes, so that it keeps its zeros")
    if not isinstance(value, str):
        raise FieldError("expected an OIN: 20 digits, in quotes")
    if len(value) != _OIN_DIGITS:
        raise FieldError("an OIN has {wanted} digits; here are {count}", wanted=_OIN_DIGITS, count=len(value))
    if not is_oin(value):
        raise FieldError("an OIN has digits, the last three zeros; letters stand in the places 9 to 17 only")
    return value


def _address(text: str) -> str:
    split_address(text)
    return text


def _printable(text: str) -> str:
    if not text.isprintable():  # a terminal obeys control characters, and YAML refuses them
        raise ValueError("a name has no control characters")
    return text


def _url(text: str) -> str:
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError("expected a database URL, such as sqlite:///node.db") from None
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise ValueError("the database is sqlite or postgresql+psycopg")
    return text


Mode = Literal["development", "production"]
Oin = Annotated[str, BeforeValidator(_oin)]
Address = Annotated[str, AfterValidator(_address)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]


class Tls(StrictModel):
    """The node's certificate with its chain, its key, and the CAs it trusts for peers and systems; all PEM files."""

    certificate: Path
    key: Path
    ca: Path
    crl: Path | None = (
        None  # revocation lists of those CAs, PEM or one in DER; read again when the file changes
    )


class SealingKey(StrictModel):
    """Where the sealing key comes from, exactly one: 32 bytes, raw or base64."""

    file: Path | None = None
    env: str | None = Field(default=None, min_length=1)  # name of an environment variable (base64)
    credential: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]+$")  # in $CREDENTIALS_DIRECTORY

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(source is not None for source in (self.file, self.env, self.credential)) != 1:
            raise ValueError("give exactly one of `file`, `env` and `credential`")
        return self


class Policy(StrictModel):
    """Which engine decides, and by which files (`path` None: the policies that came with the product)."""

    engine: Literal["embedded", "opa", "authzen"] = "embedded"
    path: Path | None = None
    cases: Path | None = None  # folder of an officer's own cases, beside those of the policies
    opa_url: str | None = Field(default=None, pattern=r"^https?://[^\s/@]+(:\d+)?/?$")
    opa_ca: Path | None = None
    pdp_url: str | None = Field(default=None, pattern=r"^https?://[^\s@?#]+$")  # of AuthZEN evaluations
    pdp_ca: Path | None = None
    pdp_token_file: Path | None = None  # its bearer token; mode 0600, or 0640 for a group

    @model_validator(mode="after")
    def _opa_has_a_url(self) -> Self:
        if self.engine == "opa" and self.opa_url is None:
            raise ValueError("engine opa needs `opa_url`")
        if self.engine == "authzen" and self.pdp_url is None:
            raise ValueError("engine authzen needs `pdp_url`")
        return self


def same_name(name: str) -> str:
    """Equal for two spellings of one name: capitals, blanks and forms of letters aside."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _one_spelling(key: str) -> str:
    if b64encode(b64decode(key)).decode() != key:  # else one key could stand there twice
        raise ValueError("the last position before `=` is not as base64 writes it")
    return key


class Officer(StrictModel):
    """Somebody who may approve of policies. Two different ones put a policy into force."""

    name: Name
    key: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$"), AfterValidator(_one_spelling)
    ]  # Ed25519, base64


class System(StrictModel):
    """One of the organisation's own systems, known by its certificate."""

    name: Name
    fingerprint: str = Field(pattern=r"^[0-9a-f]{64}$")  # SHA-256 over the DER certificate
    may: tuple[Literal["match", "register"], ...] = ()


class Count(StrictModel):
    """What the register may tell in counts."""

    epsilon_per_year: float = Field(
        default=EPSILON_PER_YEAR, ge=0, le=EPSILON_PER_YEAR_LARGEST
    )  # over all requesters


class NodeConfig(StrictModel):
    """All settings of a node. Paths are relative to the folder of the file; after `load_config` they are absolute."""

    oin: Oin
    name: Name
    mode: Mode = "development"
    listen: Address  # the peer face, and the system face too unless listen_systems is set
    listen_systems: Address | None = None
    storage: Annotated[str, AfterValidator(_url)] = "sqlite:///node.db"
    tls: Tls
    sealing_key: SealingKey
    policy: Policy = Policy()
    count: Count = Count()
    officers: tuple[Officer, ...] = ()  # with any, only a policy that two of them signed decides
    systems: tuple[System, ...] = ()
    auditor_key: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9+/]{43}=$"
    )  # X25519 public key, base64
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_file: Path | None = None

    @model_validator(mode="after")
    def _officers_are_different(self) -> Self:
        if 0 < len(self.officers) < OFFICERS_NEEDED:
            raise FieldError(f"name at least {OFFICERS_NEEDED}, or none: nobody approves alone", "officers")
        for what in ({same_name(one.name) for one in self.officers}, {one.key for one in self.officers}):
            if len(what) < len(self.officers):
                raise FieldError("two officers have the same name or the same key", "officers")
        return self


class LoadedConfig(NamedTuple):
    """A configuration and where it stood."""

    path: Path
    folder: Path
    config: NodeConfig


def load_config(path: Path) -> LoadedConfig:
    """The configuration in `path`, its paths made absolute; InputError with file, line and field."""
    try:
        config = load_model(path, NodeConfig)
    except InputError as error:
        if error.code != "file_missing":
            raise
        hint = "Name the node's configuration with `--config` or LINKAGE_NODE_CONFIG; `linkage-node init` makes a node."
        raise InputError(error.code, error.detail, hint=hint) from None
    folder = path.resolve().parent
    return LoadedConfig(path.resolve(), folder, _absolute(config, folder))


def _absolute(config: NodeConfig, folder: Path) -> NodeConfig:
    def absolute(model: StrictModel) -> dict[str, Path]:
        return {name: folder / value for name, value in model if isinstance(value, Path)}

    parts = {
        name: part.model_copy(update=absolute(part)) for name, part in config if isinstance(part, StrictModel)
    }
    return config.model_copy(
        update={**parts, **absolute(config), "storage": _absolute_url(config.storage, folder)}
    )


def _absolute_url(text: str, folder: Path) -> str:
    url = make_url(text)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return text
    return url.set(database=str(folder / url.database)).render_as_string(hide_password=False)
