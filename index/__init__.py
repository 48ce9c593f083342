"""Documents in, passages findable: load → chunk → embed → store."""
