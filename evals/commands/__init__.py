"""One file a command of ``onrecord eval``; each has ``run(configuration, arguments) -> exit code``."""
