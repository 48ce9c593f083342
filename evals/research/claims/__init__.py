"""Measure whether false claims are caught and true ones let through, on made claims and on WiCE."""
