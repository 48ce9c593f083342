"""The command line: ``onrecord COMMAND``. It may import every room of ``ui``; nothing imports it."""
