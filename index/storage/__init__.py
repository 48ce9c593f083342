"""Keep documents, passages, vectors and token codes in Chroma, in a folder or on a server; nothing above knows how."""
