"""A policy as one file: an OPA bundle (tar.gz) of which the same content always makes the same bytes.

It holds `.manifest` (revision; metadata: sequence, oin, built_at, made_by), the rules (*.rego), data.json (agreements,
catalogue, verdicts, revision), and what tries it: cases/*.yaml and the example agreements that cases start from.

A file is only read if it is, unpacked, byte for byte what this module writes of its content. So a link, an odd name, a
hidden or doubled file, or one that OPA would read in another way than this node, is refused without a case of its own.
"""

import io
import json
import re
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha3_512, sha256
from typing import Any, NamedTuple

import rfc8785
from pydantic import ValidationError

from linkage_node.agreements.model import Agreement, as_data
from linkage_node.errors import InputError, Refusal
from linkage_node.limits import BUNDLE_BYTES, POLICY_NUMBER
from linkage_node.policy.source import revision_of
from linkage_node.policy.verdicts import with_verdicts

MADE_BY = "linkage-node policy build"
_MANIFEST, _DATA = ".manifest", "data.json"
_PART = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
_RULES = re.compile(rf"(?:{_PART}/)*{_PART}\.rego")
# OPA would take a data.yaml for data, wherever it stands.
_TRIED_WITH = re.compile(rf"cases/(?!data\.){_PART}\.yaml|agreements/{_PART}/agreement\.yaml")
_NAME_CHARACTERS = 100  # of a file in a tar of 1988
_BLOCK = 512
_GZIP = 31  # zlib's word for gzip with the largest window
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Contents(NamedTuple):
    """What a policy is made of; texts by their path in the file."""

    rules: Mapping[str, str]
    catalogue: Mapping[str, Any]
    agreements: Mapping[str, Any]  # by content hash, hexadecimal; as the rules see them
    tried_with: Mapping[str, str]  # case files and the examples that they start from


class Manifest(NamedTuple):
    """What a policy says of itself; nothing of it is known to be so."""

    sequence: int
    oin: str
    built_at: str  # RFC 3339 in UTC


@dataclass(frozen=True)
class Bundle:
    """A policy that was read from its file, or made."""

    content: bytes  # the file
    sequence: int
    oin: str
    built_at: str  # RFC 3339 in UTC
    rules: Mapping[str, str]
    data: Mapping[str, Any]  # what the rules see as `data`
    tried_with: Mapping[str, str]

    @property
    def revision(self) -> str:
        """Names rules, catalogue and agreements by their content."""
        return str(self.data["revision"])

    @property
    def sha256(self) -> str:
        """Of the file, hexadecimal: what officers sign."""
        return sha256(self.content).hexdigest()

    @property
    def contents(self) -> Contents:
        """What it is made of."""
        return Contents(self.rules, self.data["catalogue"], self.data["agreements"], self.tried_with)


def make_bundle(contents: Contents, *, sequence: int, oin: str, built_at: str) -> Bundle:
    """The policy as a file. InputError("policy_invalid") for names and sizes that cannot be in one."""
    for name in (*contents.rules, *contents.tried_with):
        if not (_RULES if name in contents.rules else _TRIED_WITH).fullmatch(name):
            raise InputError("policy_invalid", f"{name!r}: a file's name has a-z, A-Z, 0-9, `.`, `_` and `-`")
        if len(name) > _NAME_CHARACTERS:
            raise InputError(
                "policy_invalid", f"{name}: the name has more than {_NAME_CHARACTERS} characters"
            )
    data = _data(contents)
    texts = {**contents.rules, **contents.tried_with, _DATA: _json(data)}
    texts[_MANIFEST] = _manifest(str(data["revision"]), sequence, oin, built_at)
    tar = _tar({name: text.encode() for name, text in texts.items()})
    if len(tar) > BUNDLE_BYTES:
        raise InputError("policy_invalid", f"it is larger than {BUNDLE_BYTES} bytes")
    zipped = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    content = zipped.compress(tar) + zipped.flush()
    return Bundle(content, sequence, oin, built_at, contents.rules, data, contents.tried_with)


def read_manifest(content: bytes) -> Manifest:
    """What the policy in a file says of itself, looked at before any rule in it runs; Refusal("policy_tampered")."""
    return _manifest_in(_texts(content))


def read_bundle(content: bytes) -> Bundle:
    """The policy in a file; Refusal("policy_tampered") for whatever `make_bundle` would not have written so.

    This runs its rules. InputError("policy_invalid") for rules that do not compile.
    """
    texts = _texts(content)
    manifest = _manifest_in(texts)
    try:
        data_text, manifest_text = texts.pop(_DATA), texts.pop(_MANIFEST)
        data = json.loads(data_text)
        rules = {name: text for name, text in texts.items() if _RULES.fullmatch(name)}
        contents = Contents(
            rules,
            data["catalogue"],
            data["agreements"],
            {name: text for name, text in texts.items() if name not in rules},
        )
        _check_agreements(contents.agreements)
        expected = _data(contents)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise _tampered(f"it is no policy: {type(error).__name__}") from None
    if data.get("revision") != expected["revision"]:
        raise _tampered("its revision is not that of its content")
    if manifest_text != _manifest(expected["revision"], *manifest):
        raise _tampered("its manifest is not of its content")
    if data_text != _json(expected):
        raise _tampered("its data is not what its rules and agreements come to")
    return Bundle(content, *manifest, rules, expected, contents.tried_with)


def _texts(content: bytes) -> dict[str, str]:
    tar = _unzipped(content)
    files = _untarred(tar)
    if _tar(files) != tar:
        raise _tampered("a file in it is a link, stands twice, or has other rights or dates than it should")
    try:
        return {name: file.decode() for name, file in files.items()}
    except ValueError as error:
        raise _tampered(f"it is no policy: {type(error).__name__}") from None


def _manifest_in(texts: Mapping[str, str]) -> Manifest:
    try:
        manifest = json.loads(texts[_MANIFEST])["metadata"]
        sequence, oin, built_at = (manifest[field] for field in Manifest._fields)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _tampered(f"it is no policy: {type(error).__name__}") from None
    if type(sequence) is not int or not 0 < sequence <= POLICY_NUMBER or not isinstance(oin, str):
        raise _tampered("it has no sequence number, or no organisation")
    if not isinstance(built_at, str) or not _MOMENT.fullmatch(built_at):
        raise _tampered("it does not say when it was built")
    return Manifest(sequence, oin, built_at)


def _data(contents: Contents) -> dict[str, Any]:
    """What the rules see, verdicts included: those are worked out here, whatever a file says."""
    data = {
        "agreements": dict(contents.agreements),
        "catalogue": dict(contents.catalogue),
        "revision": revision_of(contents.rules, contents.catalogue, contents.agreements),
    }
    return with_verdicts(contents.rules, data)


def _check_agreements(agreements: Mapping[str, Any]) -> None:
    for content, agreement in agreements.items():
        if sha3_512(rfc8785.dumps(dict(agreement))).hexdigest() != content:
            raise _tampered(f"the agreement with hash {content[:16]} is another one")
        try:
            read = as_data(Agreement.model_validate(agreement))
        except ValidationError:
            read = {}
        if _json(read) != _json(dict(agreement)):  # the hash is the same of 10000 and of 10000.0
            raise _tampered(f"the agreement with hash {content[:16]} is none that this version takes")


def _manifest(revision: str, sequence: int, oin: str, built_at: str) -> str:
    metadata = {"sequence": sequence, "oin": oin, "built_at": built_at, "made_by": MADE_BY}
    return _json({"revision": revision, "rego_version": 1, "metadata": metadata})


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _tar(files: Mapping[str, bytes]) -> bytes:
    """An uncompressed tar: names sorted, no dates, owners or rights of their own."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(files):
            told = tarfile.TarInfo(name)
            told.size = len(files[name])
            archive.addfile(told, io.BytesIO(files[name]))
    return out.getvalue()


def _untarred(tar: bytes) -> dict[str, bytes]:
    """The files in a tar that `_tar` wrote, by name. Of another one it may read nonsense, so the caller compares.

    Not read with `tarfile`: that knows links, sparse files and headers over headers, and here they are not known.
    """
    files, at = {}, 0
    while tar[at : at + _BLOCK].strip(b"\0"):
        try:
            name = tar[at : at + _NAME_CHARACTERS].rstrip(b"\0").decode("ascii")
            size = int(tar[at + 124 : at + 135], 8)
        except ValueError:
            raise _tampered("it is no archive of files") from None
        if name not in (_MANIFEST, _DATA) and not (_RULES.fullmatch(name) or _TRIED_WITH.fullmatch(name)):
            raise _tampered(f"a file that does not belong in it: {name!r}")
        if size < 0:
            raise _tampered("it is no archive of files")
        files[name] = tar[at + _BLOCK : at + _BLOCK + size]
        at += _BLOCK + -(-size // _BLOCK) * _BLOCK
    return files


def _unzipped(content: bytes) -> bytes:
    unzip = zlib.decompressobj(_GZIP)
    try:
        tar = unzip.decompress(content, BUNDLE_BYTES + 1)
    except zlib.error:
        raise _tampered("it is no gzip file, or it is damaged") from None
    if len(tar) > BUNDLE_BYTES:
        raise _tampered(f"it holds more than {BUNDLE_BYTES} bytes")
    if not unzip.eof or unzip.unused_data:
        raise _tampered("it is cut off, or something follows it")
    return tar


def _tampered(detail: str) -> Refusal:
    return Refusal("policy_tampered", detail)
