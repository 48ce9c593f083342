"""Count, add up, average, rank and list the rows of a table, exactly.

A document and a calculation come in; the result in words and the rows that it rests on come out, or None where a word
of the question is not met by the table. Imports ``rag.question``.
"""
