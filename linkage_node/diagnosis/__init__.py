"""What is wrong with a node, and how to mend it."""

from linkage_node.diagnosis.findings import Finding, State, diagnose

__all__ = ["Finding", "State", "diagnose"]
