"""What `linkage-node agreements` says, Dutch beside English."""

AGREEMENTS: dict[str, tuple[str, str]] = {}
