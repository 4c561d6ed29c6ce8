"""The error of a value that cannot be used: it names the field and the reason, and never the value."""

from linkage_node.errors import InputError


class IdentifierError(InputError):
    """A value that is not a usable identifier. `code` is the reason, `field` the part of it that is wrong."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(code, f"field `{field}`")
        self.field = field
