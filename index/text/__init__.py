"""Text itself: terms, sentences, normalising, dates, pages. Strings in, strings and offsets out; imports nothing of ours."""
