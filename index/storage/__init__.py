"""Keep documents, passages, vectors and token codes in Chroma, in a folder or on a server.

``open`` opens the index that a configuration names as a ``Store``. No room above knows how things are stored.
"""
