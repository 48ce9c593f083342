"""What the project measures for itself: benchmarks, calibration, claims. Not part of the installed package."""
