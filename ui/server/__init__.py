"""Serve everything as one ASGI application: the page, the interfaces for programs, and the layers around them."""
