"""Keep token codes on a Chroma server, in a collection beside the passages, a record a passage.

They cannot be derived again without the model reading every passage, so every process that asks needs the same ones.
One request brings those of a question's passages, in some 5 ms for fifty. Chroma's only place for bytes is a text of
metadata, which it also keeps in its index: 17 kB on the server's disk for 5 kB of codes.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embedding.token_codes import Floats, TokenCodes, random_rotation
from index.storage.chroma.records import in_batches, placeholder_vector, read_records

if TYPE_CHECKING:
    from chromadb import Collection

_RECORDS_PER_REQUEST = 500  # records in one request, about 4 MB
_MAX_ROTATION_CHARACTERS = 200_000  # characters of the rotation in one record
_ROTATION = "rotation:"


class TokenCodesCollection:
    """The token codes of one index on a server; see ``TokenCodesFile``. Raises what Chroma's client raises."""

    def __init__(self, collection: Callable[[], "Collection"]) -> None:
        self._collection = collection
        self._rotations: dict[tuple[str, int], Floats] = {}  # by the collection's id, which a rebuild changes

    def add_all(self, documents: Iterable[tuple[str, Mapping[str, TokenCodes]]]) -> None:
        """Store the codes of passages of several documents, by document and passage id."""
        rows = [(id_, _row(of, c)) for of, codes in documents for id_, c in codes.items() if len(c.starts)]
        for some in in_batches(rows, _RECORDS_PER_REQUEST):
            ids, metadatas = zip(*some, strict=True)
            self._collection().upsert(list(ids), [placeholder_vector(id_) for id_ in ids], list(metadatas))

    def codes(self, ids: Sequence[str]) -> dict[str, TokenCodes]:
        """Read the codes of passages, by id; those without codes are left out."""
        batches = in_batches(ids, _RECORDS_PER_REQUEST)
        rows = (row for some in batches for row in read_records(self._collection(), some, "metadatas"))
        return {row.id: _read_codes(row.metadata) for row in rows}

    def rotation(self, dimension: int) -> Floats | None:
        """Return the rotation that codes of this dimension were made with; None when there are none."""
        key = str(self._collection().id), dimension
        if key not in self._rotations:
            matrix = self._read_rotation(dimension)
            if matrix is None:
                return None
            # Drawn once and never again, so its megabyte is not asked for at every question.
            self._rotations[key] = matrix
        return self._rotations[key]

    def _read_rotation(self, dimension: int) -> Floats | None:
        rows = self._collection().get(where={"dimension": dimension}, include=["metadatas"])
        pieces = sorted(rows["metadatas"] or [], key=lambda row: int(str(row["piece"])))
        if not pieces or len(pieces) < int(str(pieces[0]["pieces"])):
            return None
        held = b64decode("".join(str(row["matrix"]) for row in pieces))
        return np.frombuffer(held, dtype="<f4").reshape(dimension, dimension).astype(np.float32)

    def ensure_rotation(self, dimension: int) -> Floats:
        """Return the rotation to make codes with, drawn and stored when there is none yet.

        Chroma ignores a record that is added a second time, so of two processes that draw, both use the first one's.
        """
        matrix = self.rotation(dimension)
        if matrix is None:
            held = b64encode(random_rotation(dimension).astype("<f4").tobytes()).decode()
            pieces = [held[i : i + _MAX_ROTATION_CHARACTERS] for i in range(0, len(held), _MAX_ROTATION_CHARACTERS)]
            rows: list[dict[str, Any]] = [
                {"dimension": dimension, "piece": n, "pieces": len(pieces), "matrix": piece}
                for n, piece in enumerate(pieces)
            ]
            ids = [f"{_ROTATION}{dimension}:{n}" for n in range(len(rows))]
            self._collection().add(ids, [placeholder_vector(id_) for id_ in ids], [*rows])
            matrix = self.rotation(dimension)
        if matrix is None:
            raise RuntimeError("the server did not keep the tokens' rotation")
        return matrix

    def remove(self, document_ids: Iterable[str]) -> None:
        """Delete the codes of documents."""
        for id_ in document_ids:
            if self._collection().get(where={"document_id": id_}, limit=1, include=[])["ids"]:
                self._collection().delete(where={"document_id": id_})

    def size(self) -> tuple[int, int]:
        """Count the passages with codes, and estimate the bytes of all codes from a sample."""
        pieces: dict[str, Any] = {"piece": {"$gte": 0}}
        passages: dict[str, Any] = {"bytes": {"$gt": 0}}
        count = self._collection().count() - len(self._collection().get(where=pieces, include=[])["ids"])
        sample = self._collection().get(where=passages, limit=_RECORDS_PER_REQUEST, include=["metadatas"])
        sizes = [int(str(row["bytes"])) for row in sample["metadatas"] or []]
        return count, round(sum(sizes) / len(sizes) * count) if sizes else 0


def _row(document_id: str, codes: TokenCodes) -> dict[str, Any]:
    starts = codes.starts.astype("<i4").tobytes()
    size = len(starts) + codes.signs.nbytes
    held = b64encode(starts + codes.signs.tobytes()).decode()
    return {"document_id": document_id, "tokens": len(codes.starts), "codes": held, "bytes": size}


def _read_codes(row: Mapping[str, Any]) -> TokenCodes:
    held, tokens = b64decode(row["codes"]), int(row["tokens"])
    starts = np.frombuffer(held, dtype="<i4", count=tokens)
    signs = np.frombuffer(held, dtype=np.uint8, offset=4 * tokens)
    return TokenCodes(signs.reshape(tokens, -1), starts.astype(np.int32))
