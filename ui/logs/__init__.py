"""The log of the chat server: one line for each event, and no words of questions unless these are wanted."""
