"""The default cross-encoder: ms-marco-MiniLM-L-12-v2 at eight bits, and its tokenizer, which the reader uses too."""
