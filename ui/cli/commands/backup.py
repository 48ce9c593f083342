"""``onrecord backup`` and ``onrecord restore``: everything that is kept, in one file."""

import sys
from argparse import Namespace

from index.maintenance.backup import BackupError, back_up
from index.maintenance.restore import restore
from index.storage.open import server_of
from index.system.progress import progress_bar
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Write the archive and say what is in it, and what is not."""
    if arguments.file.exists() and not arguments.force:
        raise BackupError(f"{arguments.file} is there already. Name another file, or give --force to replace it.")
    with progress_bar(None, "bytes") as progress:
        made = back_up(config.index, arguments.file, progress)
    print(f"{made.files} files, {made.size / 1e6:.1f} MB, in {arguments.file} ({made.archive / 1e6:.1f} MB).")
    say_what_is_elsewhere(config)
    return 0


def say_what_is_elsewhere(config: Configuration) -> None:
    """Print on standard error what is kept outside the data folder."""
    if place := server_of(config.index):
        print(f"The index itself lies on {place.url}: back up that server by its own means.", file=sys.stderr)
    if config.web.conversations_url:
        print("Conversations lie in PostgreSQL: back it up by its own means, such as pg_dump.", file=sys.stderr)


def run_restore(config: Configuration, arguments: Namespace) -> int:
    """Put the archive's files into the data folder; nothing is replaced without ``--force``."""
    if not arguments.file.is_file():
        raise BackupError(f"There is no backup {str(arguments.file)!r}. Check the path and run this again.")
    with progress_bar(None, "bytes") as progress:
        count = restore(config.index, arguments.file, force=arguments.force, progress=progress)
    print(f"{count} files restored to {config.index.data_dir}. `onrecord doctor` checks them.")
    say_what_is_elsewhere(config)
    return 0
