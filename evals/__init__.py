"""Measure any answerer: cases → run → score → report → compare."""

import index  # noqa: F401  # switches off what dependencies report home
