"""The Chat tab: the conversation, the question box, and what happens on each click."""
