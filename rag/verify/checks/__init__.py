"""Check a written claim, one kind of fact a file: quoted words, numbers, dates, names, polarity, speakers.

A claim and the cited text come in, findings go out; no finding means that nothing is wrong.
"""
