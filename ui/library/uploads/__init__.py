"""Files that somebody sends: looked at by size, name and content before anything else touches them."""
