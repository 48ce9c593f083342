"""The library: documents added, removed, re-indexed and grouped while questions are answered from them."""
