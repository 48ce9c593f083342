"""Text itself: terms, sentences, normalising, dates, pages. Strings in, strings and offsets out. Imports nothing."""
