"""Build one HTML file that fetches nothing: markup, the document around it, the table of cases with its scripts."""
