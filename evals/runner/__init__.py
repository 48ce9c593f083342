"""Ask every case of a set, keep the results on disk, resume a run, and compare two."""
