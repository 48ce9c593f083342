"""What a written claim is checked for, one kind a file: quoted words, numbers, dates, names, polarity, speakers."""
