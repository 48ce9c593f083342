"""Search passages by words: BM25 in tantivy, derived from the store and kept in step with it."""
