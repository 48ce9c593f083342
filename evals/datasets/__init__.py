"""Sets of cases: read, checked, saved, imported from other formats, their evidence resolved to spans."""
