"""Tell whose words the sentences of a document report, by rules over its text.

A text with its sentences comes in, one ``Speech`` or None for each sentence goes out. Imports no other room.
"""
