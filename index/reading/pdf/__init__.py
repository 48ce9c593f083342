"""Read PDF files: lines with their places on the page, sorted into reading order and joined to paragraphs."""
