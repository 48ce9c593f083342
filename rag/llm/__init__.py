"""Speak to language models: OpenAI-compatible servers, Ollama, Anthropic, or a file run in this process."""
