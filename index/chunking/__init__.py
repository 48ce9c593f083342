"""Cut documents into passages: exact slices at sentence boundaries. May import ``index.text``."""
