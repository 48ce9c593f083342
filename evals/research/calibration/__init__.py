"""Fit what decides which sentence answers and whether any does, on the tuning halves of question sets."""
