"""Understand a question: whether it is one, what it leaves out, which time it names. Text in, a whole question out."""
