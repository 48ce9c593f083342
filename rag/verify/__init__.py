"""Check each claim against the words it cites before it is called supported."""
