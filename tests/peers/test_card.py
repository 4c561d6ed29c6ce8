"""Cards: who an organisation is, and the store of those that a node received."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.errors import InputError, Refusal
from linkage_node.node import Node
from linkage_node.peers.card import Card, card_text
from linkage_node.yaml_model import parse_model
from tests.nodes import OIN_A, OIN_B, make_node

CARD = Card(
    version=1,
    oin=OIN_B,
    name="B",
    address="b.example:7400",
    signing_key="11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node without peers."""
    return Node.open(make_node(tmp_path / "a", OIN_A))


@given(st.text(st.characters().filter(str.isprintable), min_size=1, max_size=200))
def test_text_and_back(name: str) -> None:
    """Any name survives the YAML file."""
    card = CARD.model_copy(update={"name": name})
    assert parse_model(card_text(card), Card, "card") == card


def test_oin_is_text_for_every_yaml_reader() -> None:
    """The OIN is quoted, since a run of digits is a number to most readers."""
    assert f'oin: "{OIN_B}"' in card_text(CARD)


def test_add_get_list_remove(node: Node) -> None:
    """What is added is found, until it is removed."""
    assert node.peers.list() == []
    node.peers.add(card_text(CARD))
    assert node.peers.get(OIN_B) == CARD
    assert node.peers.list() == [CARD]
    node.peers.remove(OIN_B)
    for call in (node.peers.get, node.peers.remove):
        with pytest.raises(Refusal) as refusal:
            call(OIN_B)
        assert refusal.value.code == "peer_unknown"


def test_new_address_is_a_renewal(node: Node) -> None:
    """The same key at another address replaces the card."""
    node.peers.add(card_text(CARD))
    node.peers.add(card_text(CARD.model_copy(update={"address": "new.example:7400"})))
    assert node.peers.get(OIN_B).address == "new.example:7400"


def test_other_key_needs_a_word(node: Node, tmp_path: Path) -> None:
    """Another signing key for a known organisation is refused unless the operator says so."""
    node.peers.add(card_text(CARD))
    make_node(tmp_path / "b", OIN_B)
    other = (tmp_path / "b" / "card.yaml").read_text()
    with pytest.raises(Refusal) as refusal:
        node.peers.add(other)
    assert refusal.value.code == "peer_key_differs"
    assert node.peers.get(OIN_B) == CARD
    node.peers.add(other, replace=True)
    assert node.peers.get(OIN_B).signing_key != CARD.signing_key


def test_own_card(node: Node) -> None:
    """A node is no peer of itself."""
    with pytest.raises(InputError) as error:
        node.peers.add((node.folder / "card.yaml").read_text())
    assert error.value.code == "peer_is_self"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("version", 2, "version"),
        ("oin", 99, "quotes"),
        ("oin", "123", "oin"),
        ("address", "b.example", "HOST:PORT"),
        ("address", "b.example:99999", "port"),
        ("address", "::1:7400", "brackets"),
        ("signing_key", "AAAA", "Ed25519"),
        ("signing_key", "*", "Ed25519"),
        ("name", "", "name"),
        ("name", "\x1b[2Jx", "control"),
        ("colour", "red", "colour"),
    ],
)
def test_bad_cards(node: Node, tmp_path: Path, field: str, value: object, words: str) -> None:
    """A card with a wrong, missing or unknown field is refused with file, line and field."""
    text = yaml.safe_dump({**CARD.model_dump(exclude_none=True), field: value})
    line = next(number for number, row in enumerate(text.splitlines(), 1) if row.startswith(field))
    with pytest.raises(InputError) as error:
        node.peers.add(text, source="card.yaml")
    assert error.value.code == "config_invalid"
    assert f"card.yaml:{line}: {field}" in error.value.detail
    assert words in error.value.detail


def test_every_node_is_made_with_its_own_card(tmp_path: Path) -> None:
    """The card that init writes bears the node's OIN, address and public key."""
    config = make_node(tmp_path / "a", OIN_A, listen="0.0.0.0:7400", address="a.example:7400")
    card = parse_model((tmp_path / "a" / "card.yaml").read_text(), Card, "card")
    with Node.open(config) as node:
        assert card.verifying_key() == node.secrets.signing_key.public_key()
    assert (card.oin, card.address) == (OIN_A, "a.example:7400")
