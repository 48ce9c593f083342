"""The door for whatever speaks OpenAI's chat completions."""
