"""Turn texts into vectors and token codes, with torch or onnxruntime. Imports no other room but ``index.text``."""
