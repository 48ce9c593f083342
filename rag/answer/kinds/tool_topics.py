"""Recognise questions to the tool itself and turns of talk by examples of each, where the documents hold no answer."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from index.embedding.protocol import Embedder, Vectors
from index.system.threadsafe import loaded_once
from rag.question.kind import Kind

_STRANGERS = 90  # the percentile of how near examples of different topics come: what is nearer is of one topic


@dataclass(frozen=True, slots=True)
class ToolTopic:
    """What people ask of the tool itself, or say to it: ``examples`` in their words, and the ``reply`` to it.

    Without a ``reply`` the answer is made anew each time by its ``kind``.
    """

    name: str
    kind: Kind
    reply: str
    examples: tuple[str, ...]


@cache
def load_topics() -> tuple[ToolTopic, ...]:
    """Load the packaged topics."""
    held = json.loads(files("rag.answer.kinds").joinpath("tool_topics.json").read_text("utf-8"))
    return tuple(ToolTopic(t["name"], t["kind"], t["reply"], tuple(t["examples"])) for t in held)


class ToolTopics:
    """Finds the topic that a question is nearest to. Its examples are embedded when it is first asked.

    What counts as near is measured on the examples themselves, so it fits any embedder. Safe between threads.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def nearest(self, question: str) -> ToolTopic | None:
        """Return the topic of ``question``; None where no example is near."""
        vectors, topics, least = self._examples
        likeness = vectors @ self._embedder.embed_query(question)
        best = int(likeness.argmax())
        return topics[best] if likeness[best] >= least else None

    @loaded_once
    def _examples(self) -> tuple[Vectors, list[ToolTopic], float]:
        topics = [topic for topic in load_topics() for _ in topic.examples]
        vectors = self._embedder.embed([example for topic in load_topics() for example in topic.examples])
        names = np.array([topic.name for topic in topics])
        others = np.where(names[:, None] == names[None, :], -1.0, vectors @ vectors.T)
        return vectors, topics, float(np.percentile(others.max(axis=1), _STRANGERS))
