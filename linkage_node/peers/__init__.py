"""Who the other nodes are: cards, certificates, and the channel to them."""
