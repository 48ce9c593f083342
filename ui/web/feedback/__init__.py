"""A reader's opinion of an answer, and making an evaluation case of it."""
