"""What the chat writes down while it serves: one line an event, never what was asked unless that is wanted."""
