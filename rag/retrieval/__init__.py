"""Find passages for a question: dense and keyword search, fused, compared word by word, reranked and deduplicated.

A question comes in, ranked hits go out. Imports ``question``.
"""
