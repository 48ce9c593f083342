"""Find documents that are nearly the same as others, by MinHash signatures."""
