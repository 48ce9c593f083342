"""Read the likeliest sentences again with models that see question and text together."""
