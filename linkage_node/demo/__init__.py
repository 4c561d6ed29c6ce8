"""A demonstration with three invented organisations: real nodes and commands, and the truth at the end."""
