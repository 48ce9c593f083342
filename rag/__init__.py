"""A question in, an answer on the record out: condense → retrieve → rerank → answer → verify."""

import index  # noqa: F401  # switches off what dependencies report home
