"""What a run found, written for people: a page with plots, Markdown, and a table for a spreadsheet."""
