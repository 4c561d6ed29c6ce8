"""The OPRF key of one epoch: k = t · a, where t comes from that epoch's random seed and names every circumstance."""

from typing import NamedTuple

from linkage_node.limits import SUITE
from linkage_node.pseudonyms import group, oprf
from linkage_node.pseudonyms.sealing import length_prefixed


class KeyLabel(NamedTuple):
    """What one OPRF key is for. Two labels that differ anywhere give unrelated keys, tags and tokens."""

    provider_oin: str
    requester_oin: str
    agreement_hash: bytes  # 64 bytes
    purpose: str
    kind: str
    epoch: int
    suite: str = SUITE

    def encode(self) -> bytes:
        """All fields, each behind its length, so that no byte can move from one field to the next."""
        return length_prefixed(
            self.suite.encode(),
            self.provider_oin.encode(),
            self.requester_oin.encode(),
            self.agreement_hash,
            self.purpose.encode(),
            self.kind.encode(),
            str(self.epoch).encode(),
        )


class EpochSecret(NamedTuple):
    """The provider's keys of one epoch, 32 bytes each. `t` lifts stored E's; `k` = t·a belongs to `public_key`."""

    t: bytes
    k: bytes
    public_key: bytes


def derive_epoch_secret(seed: bytes, label: KeyLabel, register_scalar: bytes) -> EpochSecret:
    """t = DeriveKeyPair(seed, label), k = t·a, K = k·G."""
    t, _ = oprf.derive_key_pair(seed, label.encode())
    k = group.multiply_scalars(t, register_scalar)
    return EpochSecret(t, k, group.multiply_base(k))
