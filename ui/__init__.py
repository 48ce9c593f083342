"""The faces of Onrecord: the command line and the web chat."""

import index  # noqa: F401  # switches off what dependencies report home
