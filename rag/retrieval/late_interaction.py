"""Late interaction: for each token of the question, the most similar token of the text.

MaxSim of Khattab and Zaharia 2020 ("ColBERT", doi 10.1145/3397271.3401075), over the token vectors of the model that
embeds the passages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from index.embedding.token_codes import Floats, Places, TokenCodes, best_matches
from index.text.sentences import Span


@dataclass(frozen=True, slots=True)
class TokenMatch:
    """A passage compared with a question token by token.

    ``similarities`` are those of each of the question's tokens to each of the passage's, shape ``(question tokens,
    n)``, in [-1, 1]; ``starts`` is where in the passage the latter stand.
    """

    similarities: Floats
    starts: Places

    @property
    def score(self) -> float:
        """The mean over the question's tokens of the best match, in [-1, 1]."""
        return float(self.similarities.max(axis=1).mean())

    def best_by_sentence(self, spans: Sequence[Span]) -> Floats:
        """Return the best match of each of the question's tokens in each span, shape ``(spans, question tokens)``.

        A span without tokens of its own matches nothing: 0.
        """
        cuts = np.searchsorted(self.starts, [a for a, _ in spans] + [spans[-1][1]] if spans else [])
        found = [
            self.similarities[:, a:b].max(axis=1) if b > a else np.zeros(len(self.similarities), dtype=np.float32)
            for a, b in pairwise(cuts.tolist())
        ]
        return np.stack(found) if found else np.zeros((0, len(self.similarities)), dtype=np.float32)


def match_tokens(question: Floats, codes: Sequence[TokenCodes]) -> list[TokenMatch]:
    """Compare each passage with ``question``: its rotated token vectors, shape ``(n, dimension)``, at least one."""
    near = best_matches(question, codes)
    return [TokenMatch(found, code.starts) for found, code in zip(near, codes, strict=True)]
