"""Language models: servers that speak OpenAI's, Ollama's or Anthropic's protocol, and a file run here.

``connect`` makes the configured one. A backend sends one request and reads its reply; everything that must hold
for all of them (time-outs, retries, rate, cancelling, a reply that never ends) is ``patience.py``.
"""
