"""Read one format a file; ``index.reading.load`` has the table of them."""
