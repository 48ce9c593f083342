"""The faces of Onrecord: the command line and the web chat."""
