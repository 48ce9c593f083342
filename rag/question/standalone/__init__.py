"""Complete a question that leans on earlier turns, so that it can be searched on its own.

A question and its conversation come in; the completed wording and its core come out. Imports the question's room, and
people from ``rag.speech``.
"""
