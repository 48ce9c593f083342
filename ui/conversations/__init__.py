"""Conversations kept on disk: what was asked and answered, to go on with, to find again and to take away."""
