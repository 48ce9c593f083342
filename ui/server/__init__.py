"""The whole site as one ASGI application: the page, the interfaces for programs, and the middleware around them."""
