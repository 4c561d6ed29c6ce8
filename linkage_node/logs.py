"""Logs: one JSON object a line, on stderr or in a file, and no identifier in them.

Nothing should ever hand an identifier to a log. The processor here is the last line of defence for when something
does: it removes the values of telling keys, and every isolated run of 8 or 9 digits that is a valid BSN, wherever it
stands. An OIN (20 positions) and hexadecimal ids are no such runs and stay.
"""

import logging
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import Processor

from linkage_node.errors import InputError
from linkage_node.identifiers.bsn import reads_as_bsn

REMOVED = "[removed]"
# Keys whose values may be a person's: never logged, whatever they hold.
_DENIED = frozenset(
    {"bsn", "identifier", "identifiers", "value", "values", "person", "persons", "postcode", "house_number"}
    | {"addition", "attributes", "canonical", "row_values", "secret", "token", "tokens", "key"}
)
# Isolated: no digit or hexadecimal letter beside it, so that a run inside a digest or an id is left alone.
_RUN = re.compile(r"(?<![0-9A-Fa-f])[0-9]{8,9}(?![0-9A-Fa-f])")


def remove_identifiers(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor: the event without telling values and without anything that looks like a BSN."""
    return {_text(key): REMOVED if key.lower() in _DENIED else _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    match value:
        case None | bool() | float():
            return value
        case int():
            return REMOVED if _text(str(value)) == REMOVED else value
        case str():
            return _text(value)
        case bytes() | bytearray() | memoryview():
            return f"[{len(value)} bytes]"
        case Mapping():
            return remove_identifiers(None, "", {str(key): item for key, item in value.items()})
        case list() | tuple() | set() | frozenset():
            return [_clean(item) for item in value]
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    return _RUN.sub(lambda run: REMOVED if reads_as_bsn(run.group()) else run.group(), text)


def configure_logs(level: str, file: Path | None = None) -> None:
    """Log from `level` up, to `file` (mode 0600, reopened after a rotation) or else to stderr.

    Libraries that use the standard `logging` (gRPC among them) go through the same processors.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = _handler(file)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=_rendering()))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level.upper())


def _rendering() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        remove_identifiers,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def _handler(file: Path | None) -> logging.Handler:
    from logging.handlers import WatchedFileHandler

    if file is None:
        return logging.StreamHandler(sys.stderr)
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        return WatchedFileHandler(file, encoding="utf-8")
    except OSError as error:
        raise InputError("file_unwritable", f"{file}: {error.strerror}") from None
