"""Read a sentence in its place and say whether it answers a question, and with which words.

The model is an extractive reader (Devlin et al. 2019, "BERT", section 4.3; Rajpurkar et al. 2018, "Know What You Don't
Know", for questions without an answer), trained by ``python -m evals.research.training.reader`` and run by onnxruntime.
Its card is docs/reader.md.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.embedding.onnx import open_session
from index.errors import ModelMissingError
from index.schema import Passage
from index.system.threadsafe import loaded_once
from rag.reading.reader.window import SentenceWindow, cut_window, question_ids
from rag.retrieval.cross_encoder import packaged_folder

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Floats = NDArray[np.float32]

NO_READER = "none"

_SHA256 = "a8c7015d3af703e2ddea10505691be28bf5ed22eff3cddbf2db5d17c2d5b03d7"
_MAX_ANSWER_TOKENS = 40


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of one sentence.

    ``answered`` is the log-odds that the sentence and those around it answer, ``here`` the probability that the answer
    stands in this sentence rather than around it. ``start`` and ``end`` are the document offsets of the likeliest
    answer within the sentence.
    """

    answered: float
    here: float
    start: int
    end: int


class SentenceReader(Protocol):
    """Reads sentences, each with the words around it, as answers to a question."""

    def read(self, question: str, sentences: Sequence[tuple[Passage, int, int]]) -> tuple[Reading, ...]:
        """Return a reading of each sentence, given as its passage and its document offsets."""
        ...


class OnnxReader:
    """The packaged reader, loaded at first use. Safe to use from several threads.

    Raises ModelMissingError when its file is missing or is not the one that was checked.
    """

    @loaded_once
    def _session(self) -> "InferenceSession":
        model = files("rag.reading.reader").joinpath("reader.onnx").read_bytes()
        if hashlib.sha256(model).hexdigest() != _SHA256:
            raise ModelMissingError("The reader's file is not the one that was checked. Install onrecord again.")
        return open_session(model, cores=0)

    @loaded_once
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        words = (packaged_folder() / "tokenizer.json").read_text("utf-8")
        tokenizer = Tokenizer.from_str(words)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    def read(self, question: str, sentences: Sequence[tuple[Passage, int, int]]) -> tuple[Reading, ...]:
        """See ``SentenceReader.read``."""
        tokenizer = self._tokenizer
        asked = question_ids(tokenizer, question)
        return self._read([cut_window(tokenizer, asked, *one) for one in sentences])

    def _read(self, windows: Sequence[SentenceWindow]) -> tuple[Reading, ...]:
        if not windows:
            return ()
        shape = len(windows), max(len(window.ids) for window in windows)
        ids, kinds, mask = (np.zeros(shape, dtype=np.int64) for _ in range(3))
        for row, window in enumerate(windows):
            length = len(window.ids)
            ids[row, :length], mask[row, :length], kinds[row, window.text_from : length] = window.ids, 1, 1
        found = self._session.run(None, {"input_ids": ids, "token_type_ids": kinds, "attention_mask": mask})
        return tuple(_reading(*one) for one in zip(windows, *found, strict=True))


@cache
def _packaged_reader() -> OnnxReader:
    return OnnxReader()


def make_reader(name: str) -> SentenceReader | None:
    """Make the reader called ``name``: the packaged one, which a process loads once; None for ``"none"``.

    Raises ModelMissingError for another name.
    """
    if name not in ("packaged", NO_READER):
        raise ModelMissingError(f'There is no reader {name!r}. Set `reader` to "packaged" or to "{NO_READER}".')
    return _packaged_reader() if name != NO_READER else None


def _reading(window: SentenceWindow, starts: Floats, ends: Floats, answered: Floats) -> Reading:
    inside = slice(window.first, window.last + 1)
    here = (_softmax(starts)[inside].sum() + _softmax(ends)[inside].sum()) / 2
    first, last = _best_span(starts[inside], ends[inside])
    return Reading(
        float(answered), float(here), window.place(window.first + first)[0], window.place(window.first + last)[1]
    )


def _softmax(logits: Floats) -> Floats:
    shares = np.exp(logits - logits.max())
    return np.asarray(shares / shares.sum(), dtype=np.float32)


def _best_span(starts: Floats, ends: Floats) -> tuple[int, int]:
    """Return the first and last token of the span with the highest sum of logits."""
    sums = starts[:, np.newaxis] + ends[np.newaxis, :]
    allowed = np.triu(np.tril(np.ones_like(sums), _MAX_ANSWER_TOKENS - 1)).astype(bool)
    at = int(np.where(allowed, sums, -np.inf).argmax())
    return at // sums.shape[1], at % sums.shape[1]
