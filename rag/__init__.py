"""A question in, an answer on the record out: condense → retrieve → rerank → answer → verify."""
