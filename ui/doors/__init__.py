"""What the ways in for programs share: who may come in, errors, one set of records, and room for so many at once."""
