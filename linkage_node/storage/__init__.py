"""Where a node keeps what it must remember: SQLAlchemy Core on SQLite or PostgreSQL."""

from linkage_node.storage.database import Database

__all__ = ["Database"]
