"""Make an answer: quoted, or written by a model, with citations, the outlets that carry the words, and follow-ups.

Ranked quotes come in, claims with numbered citations go out. Imports ``llm``, ``question``, ``reading``, ``speech``.
"""
