"""The list of a visitor's conversations, and what can be done with them."""
