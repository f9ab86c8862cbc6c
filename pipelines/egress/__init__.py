"""The way out to the network: which addresses may be reached, and a connection to exactly those."""
