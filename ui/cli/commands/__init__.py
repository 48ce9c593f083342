"""The commands of the command line, one a file: each `run` takes the configuration and its arguments."""
