"""Score answers against what is right, one figure a case."""
