"""Spread embedding over the workers of a Ray cluster; the index is the same byte for byte."""
