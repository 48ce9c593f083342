"""The REST interface: ask, search and read as JSON, described by OpenAPI."""
