"""Conversations as files to take away: Markdown, HTML, DOCX and JSON, with footnotes that quote."""
