"""Bring the index in step with files: plan, read ahead, embed, store, report; or rebuild it from stored texts."""
