"""The interfaces of Onrecord: the command line, the web chat, and the interfaces for programs."""

import index  # noqa: F401  # switches off what dependencies report home
