"""The log of every query: appended before an answer leaves, each record chained to the one before by its hash."""

from linkage_node.evidence.log import EvidenceLog

__all__ = ["EvidenceLog"]
