"""Read file formats, one a module; ``index.reading.filetype`` has the table of them."""
