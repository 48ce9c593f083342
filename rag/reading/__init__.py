"""Read the passages found: score their sentences as answers and decide whether there is enough evidence.

Hits come in, ranked quotes with probabilities go out. Imports ``retrieval`` and ``speech``.
"""
