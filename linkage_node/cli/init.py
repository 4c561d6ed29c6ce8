"""`linkage-node init`: make a new node."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkage_node.cli.common import console

if TYPE_CHECKING:
    from linkage_node.config import SealingKey


class Mode(StrEnum):
    """What a node is for."""

    development = "development"
    production = "production"


_Pem = Annotated[Path | None, typer.Option(help="PEM file of a real CA, in place of --dev-ca.")]


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the node; made here.")],
    oin: Annotated[str, typer.Option(help="OIN of your organisation, 20 characters.")],
    name: Annotated[str, typer.Option(help="Name of your organisation.")],
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where the node listens.")],
    domain_secret: Annotated[
        Path,
        typer.Option(help="File with the secret of the pseudonymisation domain; made if it is not there."),
    ],
    dev_ca: Annotated[
        Path | None, typer.Option(help="Folder of a throw-away CA for development; made if it is not there.")
    ] = None,
    certificate: _Pem = None,
    key: _Pem = None,
    ca: _Pem = None,
    address: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Where partners reach the node, if not at --listen."),
    ] = None,
    sealing_key: Annotated[
        str | None,
        typer.Option(
            metavar="file:PATH|env:NAME|credential:NAME",
            help="Use this sealing key; by default one is made in DIR.",
        ),
    ] = None,
    storage: Annotated[str, typer.Option(metavar="URL", help="The database.")] = "sqlite:///node.db",
    mode: Annotated[
        Mode, typer.Option(help="Production refuses development certificates.")
    ] = Mode.development,
) -> None:
    """Make a new node: configuration, keys, sealed secrets, database, and the card for partners."""
    from linkage_node.initialise import Certificates, NewNode, initialise

    if certificate and key and ca and not dev_ca:
        certificates: Path | Certificates = Certificates(certificate, key, ca)
    elif dev_ca and not (certificate or key or ca):
        certificates = dev_ca
    else:
        raise typer.BadParameter("give either --dev-ca, or --certificate, --key and --ca")
    initialise(
        NewNode(
            folder=folder,
            oin=oin,
            name=name,
            listen=listen,
            address=address,
            mode=mode.value,
            storage=storage,
            sealing_key=_sealing_key(sealing_key) if sealing_key else None,
            domain_secret=domain_secret,
            certificates=certificates,
        )
    )
    config = folder / "node.yaml"
    for line in (
        f"Made a node for {name} (OIN {oin}) in {folder}, in {mode.value} mode:",
        f"  {config}: its configuration",
        f"  {folder / 'card.yaml'}: hand this to partners",
        f"  {sealing_key or folder / 'keys' / 'seal.key'}: opens all that it keeps sealed; keep a copy elsewhere",
        "What to do next:",
        f"  1. linkage-node peers add CARD --config {config}, with the card of each partner",
        f"  2. linkage-node agreements add FILE --config {config}, and when you agree: agreements sign ID",
        f"  3. linkage-node doctor --config {config}, then linkage-node serve --config {config}",
    ):
        console.print(line, soft_wrap=True, markup=False)


def _sealing_key(text: str) -> "SealingKey":
    from pydantic import ValidationError

    from linkage_node.config import SealingKey

    source, _, value = text.partition(":")
    try:
        return SealingKey.model_validate({source: Path(value).resolve() if source == "file" else value})
    except ValidationError:
        raise typer.BadParameter("expected file:PATH, env:NAME or credential:NAME") from None
