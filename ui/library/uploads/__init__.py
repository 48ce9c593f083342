"""Uploaded files, checked by size, name and content before anything else reads them."""
