"""The command line: ``onrecord COMMAND``. May import every room of ``ui``; nothing imports it."""
