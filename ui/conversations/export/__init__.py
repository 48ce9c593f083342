"""Conversations as files: Markdown, HTML, DOCX and JSON, with footnotes that quote the sources."""
