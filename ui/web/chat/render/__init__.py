"""A conversation as HTML: questions and answers, citation cards, passages considered, and buttons."""
