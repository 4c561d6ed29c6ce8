"""`upgrade`: bring the database of an earlier version to this one."""

from contextlib import closing

import typer

from linkage_node.cli.common import DEFAULT_CONFIG, ConfigOption, console, errors
from linkage_node.errors import ExitCode


def upgrade(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Bring the node's database to this version. First stop the node, and back up the database.

    Exit code 7 if the node has agreements that this version does not take as they are.
    """
    from linkage_node.agreements import AgreementStore, content_hash
    from linkage_node.agreements.trust import Trust
    from linkage_node.node import Node
    from linkage_node.storage.tables import SCHEMA_VERSION
    from linkage_node.storage.upgrade import upgrade as bring_up

    with Node.open(config) as node, closing(node.database_of_any_version()) as database:
        found = bring_up(database)
        store = AgreementStore(database, node.config.oin, Trust.of(node))
        unfit = store.unfit()
        unsigned = (
            [] if unfit else [one.id for one in store.list() if store.status(content_hash(one)) == "unsigned"]
        )
    did = "is of this version" if found == SCHEMA_VERSION else f"was brought here from version {found}"
    console.print(f"The database {did}: {SCHEMA_VERSION}.")
    for name, fault in unfit.items():
        errors.print(f"{name}: remove it, mend its file, and add it again. {fault}", markup=False)
    if unsigned:
        errors.print(
            f"Not in force until both organisations sign: {', '.join(unsigned)}. Read each, and sign it:"
            " `linkage-node agreements sign ID`.",
            markup=False,
            soft_wrap=True,
        )
    if unfit:
        raise typer.Exit(ExitCode.PARTIAL)
