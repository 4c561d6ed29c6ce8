"""Policies that several processes of one node bring at the same moment, and what another process decides by."""

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage_node.agreements import content_hash
from linkage_node.clock import now_ms
from linkage_node.errors import ExitCode
from linkage_node.evidence import EvidenceLog
from linkage_node.evidence.log import read
from linkage_node.node import Node
from linkage_node.policy.archive import Bundle
from tests.activation.office import EMPTY, FULL, OWN, make_office, policy, put_into_force, signed
from tests.agreements.test_signatures_at_once import at_once
from tests.integration.world import COMMAND
from tests.policy.corpus import AGREEMENT, EXAMPLE, question
from tests.signed import add_signed, says

ROUNDS = 8  # policies, each with the next number


@pytest.fixture
def config(tmp_path: Path, storage: str) -> Path:
    """The node.yaml of a node with officers, where nothing is in force; on SQLite, and on PostgreSQL."""
    return make_office(tmp_path, storage=storage)


def written(bundle: Bundle, file: Path) -> Path:
    """A policy as a file, signed by two officers."""
    file.write_bytes(bundle.content)
    file.with_name(f"{file.name}.signatures").write_text("".join(f"{one}\n" for one in signed(bundle)))
    return file


def activations(node: Node) -> list[int]:
    """The sequence numbers that the evidence tells of, in its order."""
    EvidenceLog.of(node).verify()
    records = map(read, EvidenceLog.of(node).records())
    return [one["sequence"] for one in records if one["event"] == "policy_activated"]


def test_of_two_commands_one_wins(config: Path, tmp_path: Path) -> None:
    """`policy activate` twice at the same moment, with two policies of one number: one is refused as older."""
    files = [written(policy(1, of), tmp_path / f"{at}.tar.gz") for at, of in enumerate((FULL, EMPTY))]
    commands = [
        subprocess.Popen(
            [COMMAND, "policy", "activate", file, "--json", "--config", config],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for file in files
    ]
    told = [command.communicate(timeout=120) for command in commands]
    assert sorted(command.returncode for command in commands) == [0, ExitCode.REFUSED], told
    assert sum("policy_older" in out + err for out, err in told) == 1
    with Node.open(config) as node:
        assert activations(node) == [one.sequence for one in node.activations.history()] == [1]
        assert node.active_policy is not None
        won = commands[0].returncode != 0
        assert node.active_policy.current().bundle == policy(1, (FULL, EMPTY)[won])


def test_the_number_never_goes_back(config: Path) -> None:
    """Policies in any order from processes of their own: what came into force did so in rising order."""
    bundles = [policy(number, FULL if number % 2 else EMPTY) for number in range(1, ROUNDS + 1)]
    random.Random(4).shuffle(bundles)

    def activating(bundle: Bundle) -> Callable[[], object]:
        def act() -> None:
            with Node.open(config) as node:
                node.activations.activate(bundle.content, signed(bundle), now_ms())

        return act

    ended = at_once([activating(bundle) for bundle in bundles])
    assert set(ended) <= {"", "policy_older"}
    with Node.open(config) as node:
        numbers = activations(node)
        assert numbers == sorted(set(numbers)) == [one.sequence for one in node.activations.history()]
        assert len(numbers) == ended.count("")
        assert numbers[-1] == ROUNDS
        assert node.activations.next_sequence() == ROUNDS + 1


def test_a_revocation_elsewhere_is_in_the_next_decision(config: Path) -> None:
    """A process with the policy in force and everything compiled refuses at once what another process revoked."""
    with Node.open(config) as node:
        agreement = add_signed(node, EXAMPLE.read_text())
        put_into_force(node, policy(1, FULL))
        content = content_hash(agreement)

        def reasons() -> tuple[str, ...]:
            return node.decide.decide(question(status=node.agreements.status(content))).reasons

        assert reasons() == ()
        with Node.open(config) as elsewhere:
            says(elsewhere, agreement, OWN, "revoke")
        assert reasons() == ("agreement_revoked",)


def test_an_activation_elsewhere_is_in_the_next_status(config: Path) -> None:
    """A policy without the agreement, put into force by another process, is taken up by a node that runs."""
    with Node.open(config) as node:
        content = content_hash(add_signed(node, EXAMPLE.read_text()))
        put_into_force(node, policy(1, FULL))
        assert node.agreements.status(content) == "in_force"
        with Node.open(config) as elsewhere:
            put_into_force(elsewhere, policy(2, EMPTY))
        assert node.active_policy is not None
        assert node.active_policy.renewed().bundle.sequence == 2
        assert node.agreements.status(content) == "not_activated"
        assert AGREEMENT["id"] in [one.id for one in node.agreements.list()]
