"""A demonstration with five invented organisations: real nodes and commands, and the truth at the end."""
