"""A document beside the chat: its text with the cited words marked, or its printed page."""
