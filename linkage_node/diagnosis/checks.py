"""The checks, in the order in which one thing stands on another."""

from linkage_node.diagnosis.certificate import check_certificate
from linkage_node.diagnosis.findings import Check
from linkage_node.diagnosis.network import check_listening, check_peers
from linkage_node.diagnosis.stored import (
    check_clock,
    check_database,
    check_evidence,
    check_seeds,
    check_wiping,
    check_writing,
)
from linkage_node.diagnosis.written import (
    check_agreements,
    check_card,
    check_disk,
    check_files,
    check_policy,
    check_secrets,
)

CHECKS = (
    Check("files", check_files),
    Check("disk", check_disk),
    Check("secrets", check_secrets),
    Check("certificate", check_certificate),
    Check("card", check_card, needs=("secrets", "certificate")),
    Check("database", check_database),
    Check("writing", check_writing, needs=("database",), slow=True),
    Check("clock", check_clock, needs=("database",)),
    Check("epoch seeds", check_seeds, needs=("database",)),
    Check("wiping", check_wiping, needs=("database",)),
    Check("listening", check_listening, needs=("certificate",)),
    Check("peers", check_peers, needs=("database", "certificate"), slow=True),
    Check("agreements", check_agreements, needs=("database", "secrets")),
    Check("policy", check_policy, needs=("database", "agreements")),
    Check("evidence", check_evidence, needs=("database", "secrets"), slow=True),
)
