"""Talk to Chroma, in a folder or on a server: clients, records, vectors, renaming, leases."""
