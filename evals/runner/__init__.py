"""Ask every case, keep what came back, and compare what is kept."""
