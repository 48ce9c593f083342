"""Plots as inline SVG, drawn without a library. Each has a title and a description in words.

Horizontal positions of bars are percentages, so that text keeps its size however wide the page is.
"""
