"""The linkage node: find shared clients without handing over the client administration."""

import os

__version__ = "0.1.0"

# gRPC reads these when it is imported, and offers no other way: so they stand where every import of ours comes by.
# TLS 1.2 with the suites that NCSC-NL (2025-05) calls good; TLS 1.3 has suites of its own; lower is always refused.
TLS12_SUITES = ":".join(
    f"ECDHE-{signature}-{cipher}"
    for cipher in ("AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for signature in ("ECDSA", "RSA")
)
os.environ["GRPC_SSL_CIPHER_SUITES"] = TLS12_SUITES
os.environ.setdefault(
    "GRPC_VERBOSITY", "NONE"
)  # what goes wrong is told in our own words; its lines help nobody
