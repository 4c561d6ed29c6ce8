"""The requester's side: queries as jobs, own tags, the peers' tag sets. Protocol cores are in `matching`."""
