"""Read files: bytes in, one ``Document`` with normalised text out. May import ``index.text``."""
