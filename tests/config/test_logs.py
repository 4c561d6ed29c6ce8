"""Logs: JSON lines, and no identifier in them whatever is handed in."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.errors import InputError
from linkage_node.logs import REMOVED, configure_logs, remove_identifiers
from tests.nodes import OIN_A

WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)


def with_check_digit(digits: str) -> str:
    """The BSN that begins with these 8 digits; empty if there is none."""
    last = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True)) % 11
    return f"{digits}{last}" if last < 10 and int(digits) else ""


def bsns() -> st.SearchStrategy[str]:
    """A valid BSN for testing, some without the zero that a spreadsheet ate."""
    begins = st.integers(1, 9999).map(lambda number: f"0000{number:04}") | st.integers(0, 999).map(
        lambda number: f"99999{number:03}"
    )
    whole = begins.map(with_check_digit).filter(bool)
    return whole | whole.map(lambda bsn: bsn.removeprefix("0"))


AROUND = st.text(st.characters(exclude_characters="0123456789abcdefABCDEF", codec="utf-8"), max_size=20)


def processed(**event: Any) -> str:
    """The event as it would be written."""
    return json.dumps(dict(remove_identifiers(None, "info", event)), default=str)


@given(bsns(), AROUND, AROUND)
def test_bsn_in_any_text(bsn: str, before: str, after: str) -> None:
    """A valid BSN within any text is removed, and the text around it stays."""
    event = remove_identifiers(None, "info", {"event": before + bsn + after})
    assert event["event"] == before + REMOVED + after


@given(bsns(), st.sampled_from(["list", "dict", "key", "tuple", "set", "object", "error", "int"]))
def test_bsn_in_any_shape(bsn: str, shape: str) -> None:
    """It is found in lists, mappings and their keys, numbers, errors and other objects too."""
    values = {
        "list": [1, [bsn]],
        "dict": {"a": {"b": bsn}},
        "key": {bsn: 1},
        "tuple": (bsn,),
        "set": {bsn},
        "object": Path("/data") / bsn,
        "error": ValueError(f"no such person: {bsn}"),
        "int": int(bsn) if not bsn.startswith("0") else bsn,
    }
    assert bsn not in processed(event="x", detail=values[shape])


@given(st.text("0123456789abcdef", min_size=32, max_size=32), st.integers(10**12, 10**13))
def test_ids_and_times_stay(transaction: str, at: int) -> None:
    """An OIN, a time in milliseconds and the digests within a transaction id are left alone."""
    event = {"event": "x", "oin": OIN_A, "at": at, "transaction_id": "a" + transaction[1:-1] + "f"}
    assert dict(remove_identifiers(None, "info", event)) == event


@pytest.mark.parametrize("key", ["bsn", "BSN", "identifiers", "value", "postcode", "secret", "token"])
def test_telling_keys(key: str) -> None:
    """What stands under a telling key is removed whatever it is, at any depth."""
    assert "sesame" not in processed(event="x", **{key: "sesame"}, inner={key: ["sesame"]})


def test_bytes_are_counted_only() -> None:
    """Bytes are never written out."""
    assert remove_identifiers(None, "info", {"event": "x", "element": bytes(32)})["element"] == "[32 bytes]"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Logs go to this file at debug level."""
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    path = tmp_path / "node.log"
    logging.getLogger().handlers.clear()
    configure_logs("debug", path)
    yield path
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a log."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_lines_are_json_with_context(log: Path) -> None:
    """A line has level, time, event and the context of the call; the file is for the owner only."""
    with structlog.contextvars.bound_contextvars(transaction_id="a1", oin=OIN_A):
        structlog.get_logger().info("call refused", code="budget_exhausted")
    (line,) = lines(log)
    assert line["event"] == "call refused"
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")
    assert (line["code"], line["transaction_id"], line["oin"]) == ("budget_exhausted", "a1", OIN_A)
    assert log.stat().st_mode & 0o777 == 0o600


def test_libraries_and_tracebacks_too(log: Path) -> None:
    """What libraries log by the standard way, with arguments and tracebacks, goes through the same processor."""
    bsn = "999990019"
    try:
        raise ValueError(f"cannot parse {bsn}")
    except ValueError:
        logging.getLogger("grpc").exception("calling %s", bsn)
        structlog.get_logger().error("defect", exc_info=True)
    assert bsn not in log.read_text()
    assert all("cannot parse [removed]" in line["exception"] for line in lines(log))


def test_levels(log: Path) -> None:
    """Below the level nothing is written."""
    configure_logs("warning", log)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in lines(log)] == ["loud"]


def test_file_that_cannot_be_written(tmp_path: Path) -> None:
    """A log file in a folder that is not there is told as such."""
    with pytest.raises(InputError) as error:
        configure_logs("info", tmp_path / "none" / "node.log")
    assert error.value.code == "file_unwritable"
