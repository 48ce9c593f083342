"""Spread embedding over the workers of a Ray cluster, to the same bytes as in one process."""
