"""Errors a user can act on. The message says what happened, where, and what to do; it is shown as it is."""


class OnrecordError(Exception):
    """Base of every error that is the user's to fix: one line, no traceback, exit code 1."""


class SettingsError(OnrecordError):
    """A setting is unknown or has a value that does not fit."""


class UnreadableFileError(OnrecordError):
    """One file could not be read as a document; the others go on."""


class IndexMissingError(OnrecordError):
    """There is no index where one was looked for."""


class IndexMismatchError(OnrecordError):
    """The index was made with another model, chunking or format than the one configured."""


class IndexBrokenError(OnrecordError):
    """The index on disk cannot be opened or is only half there."""


class IndexBusyError(OnrecordError):
    """Another process holds the index."""


class QuestionError(OnrecordError):
    """The question is empty or far too long."""


class ModelMissingError(OnrecordError):
    """The embedding model is neither a folder nor something that can be had by name."""


def first_line(error: BaseException) -> str:
    """What ``error`` says, its first line alone; the name of its kind where it says nothing."""
    said = str(error).strip()
    return said.splitlines()[0] if said else type(error).__name__
