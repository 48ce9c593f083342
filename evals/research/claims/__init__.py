"""Are false claims caught and true ones let through: made claims, WiCE, and the report of both."""
