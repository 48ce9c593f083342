"""Give the commands that measure the flags they share, with the same defaults in each."""

import argparse
from pathlib import Path


def add_data_flag(parser: argparse.ArgumentParser) -> None:
    """Add ``--data``, the folder that holds the public sets; by default it lies beside the repository."""
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of sets")


def add_half_flag(parser: argparse.ArgumentParser, *, default: str = "report", of: str = "the cases") -> None:
    """Add ``--half``, which half of the cases is asked: the one to tune on, or the one to report."""
    parser.add_argument("--half", choices=("tune", "report"), default=default, help=f"of {of}; default: {default}")
