"""Onrecord beside plain baselines and LlamaIndex's default pipeline, on public question sets."""
