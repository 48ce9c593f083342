"""The cost of indexing and asking in time, memory and disk, one command a file."""
