"""Errors a user can act on. The message says what happened, where, and what to do; it is shown as it is."""


class OnrecordError(Exception):
    """Base of every error that is the user's to fix: one line, no traceback, exit code 1."""


class SettingsError(OnrecordError):
    """A setting is unknown or has a value that does not fit."""


class UnreadableFile(OnrecordError):  # noqa: N818
    """One file could not be read as a document; the others go on."""


class IndexMissing(OnrecordError):  # noqa: N818
    """There is no index where one was looked for."""


class IndexMismatch(OnrecordError):  # noqa: N818
    """The index was made with another model, chunking or format than the one configured."""


class IndexBroken(OnrecordError):  # noqa: N818
    """The index on disk cannot be opened or is only half there."""


class IndexBusy(OnrecordError):  # noqa: N818
    """Another process holds the index."""


class BadQuestion(OnrecordError):  # noqa: N818
    """The question is empty or far too long."""


class ModelMissing(OnrecordError):  # noqa: N818
    """The embedding model is neither a folder nor something that can be had by name."""


def first_line(error: BaseException) -> str:
    """What ``error`` says, its first line alone; the name of its kind where it says nothing."""
    said = str(error).strip()
    return said.splitlines()[0] if said else type(error).__name__
