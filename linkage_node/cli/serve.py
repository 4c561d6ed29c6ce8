"""`serve`: run the node."""

from linkage_node.cli.common import DEFAULT_CONFIG, ConfigOption, console, open_node


def serve(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Run the node: answer peers and the organisation's own systems, until SIGTERM or Ctrl-C.

    Prints one line when it is ready.
    """
    import structlog

    from linkage_node.assembly import Assembly
    from linkage_node.pseudonyms.parallel import local_executor
    from linkage_node.server.lifecycle import Server

    with open_node(config, quiet=False) as node, local_executor() as executor:
        assembly = Assembly(node, executor)
        if node.active_policy is not None:
            node.active_policy.activated()  # before the first question, and the log tells what is wrong with it
            if node.activations.version() is None:
                structlog.get_logger().warning("no policy is in force: every question is refused")

        def ready(addresses: list[str]) -> None:
            line = f"ready: {node.config.name} ({node.config.oin}) listens on {', '.join(addresses)}"
            console.print(line, soft_wrap=True, markup=False)  # one line, whatever the width
            console.file.flush()

        try:
            Server(assembly).run_until_told(ready)
        finally:
            assembly.close()
        console.print("stopped")
