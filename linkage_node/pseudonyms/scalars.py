"""Scalars of ristretto255 (RFC 9496). Apart from `group`, which takes long to import: opening secrets needs no more."""

SCALAR_BYTES = 32  # little-endian
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the group; RFC 9496 section 4
