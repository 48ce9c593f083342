"""Keep the codes of passages' tokens: in an SQLite file beside Chroma, or in a collection on a Chroma server."""
