"""What all tests share."""

from pathlib import Path

import linkage_node  # noqa: F401 - before anything imports gRPC, which reads its TLS settings from here

SHARED = Path(__file__).parents[2] / "shared"  # test data that does not belong to the product
