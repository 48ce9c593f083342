"""Measure any answerer: cases → run → score → report → compare."""
