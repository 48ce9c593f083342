"""Prefer sentences for what they are: the named section, the introduction, the row of a key, the whole list."""
