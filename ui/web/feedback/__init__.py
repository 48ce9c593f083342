"""What a reader thinks of an answer, and making an eval case of it."""
