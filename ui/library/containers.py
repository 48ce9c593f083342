"""Files that hold documents, such as archives and mailboxes, kept in the library and read document by document."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from index.errors import UnreadableFileError
from index.reading.containers import CONTAINER_MARK, Member, unpack
from index.reading.filetype import may_hold_files
from index.reading.load import read_bytes
from index.reading.stored_path import to_stored_path
from ui.library.files import LibraryFolder
from ui.library.models import Item


class ContainerFile:
    """The documents in the file at ``path``, which its sender called ``name``.

    Read in their order, the file is gone through once, with one document at a time in memory.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self._name = name
        self._rest: Iterator[Member] = iter(())

    def items(self) -> tuple[Item, ...]:
        """Return an item for each document; unreadable ones have failed already. Raises UnreadableFileError."""
        return tuple(self._item(member) for member in unpack(self.path, read_bytes(self.path)))

    def data(self, key: str) -> bytes:
        """Return the bytes of the document that an item's ``key`` names. Raises UnreadableFileError."""
        found = next((member for member in self._rest if to_stored_path(member.path) == key), None)
        if found is None:
            self._rest = unpack(self.path, read_bytes(self.path))
            found = next((member for member in self._rest if to_stored_path(member.path) == key), None)
        if found is None or found.failure:
            raise UnreadableFileError(f"{self._name} does not hold it any more. Add the file again.")
        return found.data

    def with_name(self, said: str) -> str:
        """Return the text with the name by which the reader knows the file."""
        return said.replace(f"{self.path}{CONTAINER_MARK}/", f"{self._name}/").replace(str(self.path), self._name)

    def _item(self, member: Member) -> Item:
        item = Item(to_stored_path(member.path), self.with_name(str(member.path)), len(member.data), container=self)
        if member.failure:
            item.state, item.said = "failed", self.with_name(member.failure)
        return item


def open_container(folder: LibraryFolder, item: Item) -> ContainerFile | None:
    """Return what a waiting file holds, moved to where it stays; None where it is one document itself.

    Raises UnreadableFileError when it cannot be opened or holds nothing that can be read, OSError.
    """
    waiting = Path(item.key)
    if not may_hold_files(waiting):
        return None
    try:
        some = list(islice(unpack(waiting, read_bytes(waiting)), 2))
    except UnreadableFileError as error:
        raise UnreadableFileError(str(error).replace(str(waiting), item.name)) from error
    if not some:
        raise UnreadableFileError(
            f"{item.name} holds nothing that can be read. Pack documents into it, or leave it out."
        )
    if len(some) == 1 and some[0].path == waiting:
        return None
    return ContainerFile(folder.keep(waiting, item.name), item.name)
