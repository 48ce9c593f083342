"""Read the passages found.

Score their sentences as answers, prefer the asked speaker, decide whether there is evidence.

Hits come in, ranked quotes with probabilities go out. Imports ``retrieval`` and ``speech``.
"""
