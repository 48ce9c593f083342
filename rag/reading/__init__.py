"""Read the passages found: score their sentences as answers and decide whether there is enough evidence."""
