"""Measurements of the project itself: benchmarks, speed, calibration, claims. Not part of the installed package."""
