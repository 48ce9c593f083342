"""The measures of a benchmark, one kind of figure a file."""
