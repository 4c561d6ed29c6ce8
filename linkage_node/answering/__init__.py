"""The provider's side: epochs, tag sets, the budget, and the answers to orders. Protocol cores are in `matching`."""
