"""Make an answer: quoted or written by a model, with its citations, and what is said beside it."""
