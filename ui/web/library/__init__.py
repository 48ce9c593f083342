"""The Library tab: documents added, listed, opened, re-indexed, removed and grouped."""
