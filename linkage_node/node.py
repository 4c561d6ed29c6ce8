"""A node as commands and the server see it: configuration and parts, each opened when first used."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy.engine import make_url

from linkage_node.config import LoadedConfig, load_config
from linkage_node.errors import StorageError

if TYPE_CHECKING:  # opened lazily, so that a command loads only what it uses
    from linkage_node.agreements import AgreementStore
    from linkage_node.peers.card import PeerStore
    from linkage_node.policy import DecisionPoint
    from linkage_node.policy.activation import Activations
    from linkage_node.policy.active import ActivePolicy
    from linkage_node.pseudonyms.sealing import Sealer
    from linkage_node.secrets import NodeSecrets
    from linkage_node.storage.database import Database


class Node:
    """Everything of one node. A context manager; parts raise their own LinkageError when they cannot be opened."""

    def __init__(self, loaded: LoadedConfig) -> None:
        self.config = loaded.config
        self.folder = loaded.folder
        self.path = loaded.path

    @classmethod
    def open(cls, config_path: Path) -> Self:
        """The node of this `node.yaml`; InputError if the file is missing or wrong."""
        return cls(load_config(config_path))

    @cached_property
    def database(self) -> "Database":
        """The database, checked to be there and of this schema version."""
        database = self.database_of_any_version()
        database.check()
        return database

    def database_of_any_version(self) -> "Database":
        """The database as it is, to be upgraded; the caller closes it. StorageError if the file is not there."""
        from linkage_node.storage.database import Database

        url = make_url(self.config.storage)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            raise StorageError(
                "storage_unusable", f"there is no database {url.database}"
            )  # SQLite would make one
        return Database(self.config.storage)

    @cached_property
    def sealer(self) -> "Sealer":
        """Seals and opens under the operator's sealing key."""
        from linkage_node.pseudonyms.sealing import Sealer
        from linkage_node.secrets import read_sealing_key

        return Sealer(read_sealing_key(self.config.sealing_key))

    @cached_property
    def secrets(self) -> "NodeSecrets":
        """The node's own secrets, opened."""
        from linkage_node.secrets import read_secrets

        return read_secrets(self.folder / "secrets", self.sealer, self.config.oin)

    @cached_property
    def peers(self) -> "PeerStore":
        """The other organisations that this node knows."""
        from linkage_node.peers.card import PeerStore

        return PeerStore(self.database, self.config.oin)

    @cached_property
    def agreements(self) -> "AgreementStore":
        """The agreements that this node's organisation signed."""
        from linkage_node.agreements import AgreementStore
        from linkage_node.agreements.trust import Trust

        active = self.active_policy
        return AgreementStore(
            self.database, self.config.oin, Trust.of(self), active.activated if active else None
        )

    @cached_property
    def activations(self) -> "Activations":
        """The policies that officers put into force."""
        from linkage_node.evidence import EvidenceLog
        from linkage_node.policy.activation import Activations

        config = self.config
        return Activations(self.database, config.oin, config.officers, lambda: EvidenceLog.of(self))

    @cached_property
    def active_policy(self) -> "ActivePolicy | None":
        """The policy in force; None for a node without officers, which decides by its own folder and agreements."""
        from linkage_node.policy.active import ActivePolicy

        return ActivePolicy(self.activations) if self.config.officers else None

    @cached_property
    def decide(self) -> "DecisionPoint":
        """The decision point: the engine that the configuration names, over the policy in force."""
        from linkage_node.policy import make_decision_point

        return make_decision_point(self.config, self.agreements, self.active_policy)

    def close(self) -> None:
        """Give back what was opened."""
        if "database" in self.__dict__:
            self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()
