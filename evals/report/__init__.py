"""Write a run, or the comparison of two, for people: a page with plots, Markdown, or a table for a spreadsheet."""
