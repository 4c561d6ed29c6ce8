"""One root for every error that a user meets, and the exit codes that scripts can use."""

from collections.abc import Sequence
from enum import IntEnum

from linkage_node.reasons import explain


class ExitCode(IntEnum):
    """Exit codes of the command line; stable, so that scripts can rely on them."""

    OK = 0
    INTERNAL = 1  # a defect of ours
    USAGE = 2  # the command's words are off (Typer uses the same)
    INPUT = 3  # a file, a configuration or a row is not usable
    REFUSED = 4  # a policy or a protocol check said no
    UNREACHABLE = 5  # the other node, or the decision point, did not answer
    STORAGE = 6  # database locked, disk full, log not writable
    PARTIAL = 7  # done, but not for everything that was asked


class LinkageError(Exception):
    """An error with a stable `code`, what happened in words, and what to do now (`hint`)."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, code: str, detail: str = "", *, hint: str = "") -> None:
        reason = explain(code)
        self.code = code
        self.detail = detail
        self.hint = hint or reason.remedy
        super().__init__(f"{code}: {detail or reason.meaning}")

    @property
    def message(self) -> str:
        """What happened, in words: the meaning of the code, then the detail of this case."""
        meaning = explain(self.code).meaning
        return f"{meaning} ({self.detail})" if self.detail else meaning


class InputError(LinkageError):
    """The user's file, configuration or argument cannot be used."""

    exit_code = ExitCode.INPUT


class Refusal(LinkageError):
    """A policy or a protocol check said no. The peer is told the code only; the detail is for the evidence."""

    exit_code = ExitCode.REFUSED


class Refused(Refusal):
    """A refusal with all the reasons that a decision gave; `code` is the first."""

    def __init__(self, reasons: Sequence[str], detail: str = "") -> None:
        super().__init__(reasons[0], "; ".join(filter(None, [detail, *reasons[1:]])))
        self.reasons = tuple(reasons)


class Cancelled(Refusal):
    """Whoever asked does not want the answer any more. No peer can say so for him."""

    def __init__(self) -> None:
        super().__init__("cancelled")


class Unreachable(LinkageError):
    """A peer or a decision point did not answer in time."""

    exit_code = ExitCode.UNREACHABLE


class StorageError(LinkageError):
    """The node's own storage cannot be read or written: nothing is answered."""

    exit_code = ExitCode.STORAGE
