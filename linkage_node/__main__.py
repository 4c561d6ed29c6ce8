"""`python -m linkage_node` is `linkage-node`."""

from linkage_node.cli import main

main()
