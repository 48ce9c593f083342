"""Define the errors that a user can act on.

The message says what happened, where, and what to do; it is shown as it is.
"""


class OnrecordError(Exception):
    """Base of every error that the user can fix: shown as one line, without a traceback, with exit code 1."""


class SettingsError(OnrecordError):
    """A setting is unknown or has a value that does not fit."""


class UnreadableFileError(OnrecordError):
    """One file could not be read as a document; the others are read all the same."""


class IndexMissingError(OnrecordError):
    """No index lies where one was looked for."""


class IndexMismatchError(OnrecordError):
    """The index was made with another model, chunking or format than the one configured."""


class IndexBrokenError(OnrecordError):
    """The index cannot be opened or is only half there."""


class IndexBusyError(OnrecordError):
    """Another process holds the index."""


class QuestionError(OnrecordError):
    """The question is empty or far too long."""


class ModelMissingError(OnrecordError):
    """The embedding model is neither a folder nor available by its name."""


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message; the name of its class if the message is empty."""
    said = str(error).strip()
    return said.splitlines()[0] if said else type(error).__name__
