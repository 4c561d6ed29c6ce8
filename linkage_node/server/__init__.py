"""The node's two faces over gRPC: for its peers and for its own organisation's systems. Thin shells around services."""
