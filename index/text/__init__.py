"""Handle text itself: terms, sentences, normalising, dates, pages. Strings in, strings and offsets out."""
