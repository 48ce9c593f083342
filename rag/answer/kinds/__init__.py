"""Answer questions that ask for no single fact: summaries, lists, the library, the tool, greetings.

A question and the store come in; an answer comes out, its sentences cited and not verified yet, or None where a search
has to answer. Imports the question's room, and sentences and speakers from ``rag.reading`` and ``rag.speech``.
"""
