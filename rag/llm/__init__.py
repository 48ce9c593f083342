"""Talk to language models: OpenAI-compatible servers, Ollama, Anthropic, or a file run in this process.

Messages come in, text goes out as it is written. Imports no other room.
"""
