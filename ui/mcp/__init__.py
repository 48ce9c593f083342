"""The door for whatever speaks the Model Context Protocol."""
