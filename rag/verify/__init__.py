"""Check each claim against the words it cites before it is called supported.

A claim with citations comes in, the claim with a verdict and its reason goes out. Imports ``answer``, ``llm``,
``reading``, ``retrieval`` and ``speech``.
"""
