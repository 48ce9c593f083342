"""``onrecord restore``: what ``onrecord backup`` wrote, put back."""

from argparse import Namespace

from index.maintenance.backup import BackupError
from index.maintenance.restore import restore
from index.system.progress import progress_bar
from ui.cli.commands.backup import say_what_is_elsewhere
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Put the archive's files into the data folder; nothing is replaced without ``--force``."""
    if not arguments.file.is_file():
        raise BackupError(f"There is no backup {str(arguments.file)!r}. Check the path and run this again.")
    with progress_bar(None, "bytes") as progress:
        count = restore(config.index, arguments.file, force=arguments.force, progress=progress)
    print(f"{count} files restored to {config.index.data_dir}. `onrecord doctor` checks them.")
    say_what_is_elsewhere(config)
    return 0
