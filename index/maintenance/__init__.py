"""Check whether an index is sound, repair it, back it up and restore it."""
