"""Find passages for a question: dense and keyword search, fused, compared word by word and reranked."""
