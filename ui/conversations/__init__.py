"""Conversations kept in a database: what was asked and answered, to continue, find again and export."""
