"""Read PDF files: lines with their places on the page, put in reading order and into paragraphs."""
