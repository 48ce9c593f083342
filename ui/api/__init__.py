"""The interfaces for programs, over one pipeline and with one set of records. Imports no page."""
