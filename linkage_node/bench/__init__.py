"""Measures: real nodes in processes of their own, real TLS between them, and a clock that the bench can move."""
