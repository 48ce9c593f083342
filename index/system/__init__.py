"""Share a machine: locks between processes and threads, standard streams, progress, telemetry, lazy imports.

Every room may import this one; it imports ``index.errors`` alone.
"""
