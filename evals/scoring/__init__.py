"""Score each answer against what is right, one figure for each metric and case."""
