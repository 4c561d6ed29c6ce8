"""The command line, `linkage-node`."""

from linkage_node.cli.main import main

__all__ = ["main"]
