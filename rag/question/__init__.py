"""Understand a question: whether it is one, what it leaves out, which time it names, where to search.

A question and the earlier turns come in, a question that stands alone goes out. Imports ``llm`` and ``speech``.
"""
