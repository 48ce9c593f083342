"""The systems of a benchmark: Onrecord, either half of its search alone, and LlamaIndex."""
