"""The answers as protocol cores: bytes in, bytes out, with time and randomness handed in."""
