"""What two organisations agreed on: the agreement's model, its content hash and epochs, and where a node keeps them."""

from linkage_node.agreements.model import Agreement, Limits, TagSetSchedule, content_hash, parse_agreement
from linkage_node.agreements.store import AgreementStore

__all__ = ["Agreement", "AgreementStore", "Limits", "TagSetSchedule", "content_hash", "parse_agreement"]
