"""Search passages by BM25 in tantivy, an embedded engine like Lucene, on disk or in memory."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import IndexBrokenError
from index.schema import Passage
from index.text.compounds import is_compounding, word_parts
from index.text.headings import context_headings
from index.text.language import ENGLISH, language_of
from index.text.terms import terms

if TYPE_CHECKING:
    from tantivy import DocAddress, Query, Schema, Searcher

_WRITER_MEMORY = 30_000_000  # bytes a writer gathers before it makes a segment; tantivy wants 15 million at least
_EXTRA_HITS = 14  # hits asked for beyond the k best, to see whether the last of them has ties
_MAX_TIES = 1_000  # hits asked for at most to find all ties of the last one
_MOST_COMPOUNDS = 8  # words made with a word of the question that are searched for too
_SHORTEST_PART = 4  # letters of a word that others are made with
_COMPOUND_SHARE = 0.5  # of the weight of a word, for its parts and what is made with it
_SCORE_DECIMALS = 4  # scores that agree to these are equal; the order of summing changes the rest


class KeywordIndexError(IndexBrokenError):
    """Tantivy could not read or write the keyword index."""


class Bm25Index:
    """BM25 (Robertson; Lucene's variant, k1 1.2, b 0.75) over title, headings and text of each passage.

    It lies in ``folder``, made when missing, or in memory if that is None. The terms come from ``index.text.terms``,
    and tantivy splits them at spaces only. As in Lucene, the length of a passage counts to within an eighth, and a
    removed passage counts in the statistics until its segment is merged, but is never found. Safe to use from several
    threads, of which one may write; they read the state of the last ``replace``. Every method raises KeywordIndexError
    when tantivy fails.
    """

    def __init__(self, folder: Path | None = None) -> None:
        import tantivy

        self._folder = folder
        with _named_failures(folder):
            self._schema = _schema()
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(self._schema, path=None if folder is None else str(folder))
            words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
            self._index.register_tokenizer("terms", words)
            self._index.config_reader("manual")
            self._seen = _Snapshot.of(self._index.searcher())

    def __len__(self) -> int:
        """Count the passages."""
        return self._seen.passages

    def passage_counts(self) -> dict[str, int]:
        """Count the passages of each document, by its id."""
        import tantivy

        with _named_failures(self._folder):
            searcher = self._seen.searcher
            # Counting only what is not removed takes ten times as long, and mostly nothing is removed.
            live = tantivy.Query.all_query() if self._seen.removed else None
            return dict(searcher.terms_with_prefix("document", "", live))

    def replace(self, documents: Mapping[str, Sequence[Passage]]) -> None:
        """Replace the indexed passages of each document, in one commit; an empty sequence removes the document."""
        import tantivy

        with _named_failures(self._folder):
            writer = self._index.writer(_WRITER_MEMORY, 1)
            for document_id, passages in documents.items():
                writer.delete_documents_by_term("document", document_id)
                for passage in passages:
                    row = tantivy.Document()
                    row.add_text("id", passage.id)
                    row.add_text("document", document_id)
                    row.add_text("every", "1")
                    language = language_of(passage.text)
                    row.add_text("language", language or ENGLISH)
                    words = "\n".join((passage.title, *context_headings(passage), passage.text))
                    row.add_text("terms", " ".join(terms(words, language)))
                    writer.add_document(row)
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()
            self._seen = _Snapshot.of(self._index.searcher())

    def idf(self, term: str) -> float:
        """Return the inverse document frequency: ln(1 + (N + 1) / (n + 1/2)), where n of N passages hold ``term``."""
        with _named_failures(self._folder):
            return self._seen.idf(term, self._schema)

    def vocabulary(self, prefix: str) -> dict[str, int]:
        """Return the terms that begin with ``prefix``, with about how many passages hold each."""
        with _named_failures(self._folder):
            return dict(self._seen.searcher.terms_with_prefix("terms", prefix))

    def search(self, query: str, k: int, within: frozenset[str] | None = None) -> dict[str, float]:
        """Return the scores of the ``k`` best passages by id, best first, equal ones by id.

        Passages that hold no term of the query are left out. With ``within``, only passages of these documents are
        searched. Equal scores are ordered by id at the cut too, unless more than ``_MAX_TIES`` passages are as good as
        the last.
        """
        if k < 1 or within == frozenset():
            return {}
        with _named_failures(self._folder):
            asked = self._query(query, within)
            if asked is None:
                return {}
            searcher = self._seen.searcher
            found = _search_with_ties(searcher, asked, k)
            named = ((str(searcher.doc(address)["id"][0]), score) for score, address in found)
            return dict(sorted(named, key=lambda one: (-one[1], one[0]))[:k])

    def languages(self) -> frozenset[str]:
        """Return the languages of the passages; one whose language is not sure counts as English."""
        with _named_failures(self._folder):
            return frozenset(self._seen.languages)

    def _query(self, question: str, within: frozenset[str] | None) -> "Query | None":
        """Return what finds the words of ``question`` in passages of each language; None where it has no words."""
        from tantivy import Occur, Query

        by_language = [
            (language, asked)
            for language in sorted(self._seen.languages) or [ENGLISH]
            if (asked := self._terms_query(question, language)) is not None
        ]
        if not by_language:
            return None
        if len(self._seen.languages) <= 1:
            asked = by_language[0][1]
        else:
            asked = Query.boolean_query([(Occur.Should, self._in_language(*one)) for one in by_language])
        if within is None:
            return asked
        there = Query.const_score_query(Query.term_set_query(self._schema, "document", list(within)), 0.0)
        return Query.boolean_query([(Occur.Must, asked), (Occur.Must, there)])

    def _in_language(self, language: str, asked: "Query") -> "Query":
        from tantivy import Occur, Query

        there = Query.const_score_query(Query.term_query(self._schema, "language", language, "basic"), 0.0)
        return Query.boolean_query([(Occur.Must, asked), (Occur.Must, there)])

    def _terms_query(self, question: str, language: str) -> "Query | None":
        from tantivy import Occur, Query

        # Folding a letter can make several words of it ("ﷺ"), which tantivy separates when it reads a passage.
        wanted = " ".join(terms(question, language)).split()
        parts = [_term_query(self._schema, term) for term in wanted]
        made = (_term_query(self._schema, term) for term in self._compounds(wanted, language))
        parts += [Query.boost_query(part, _COMPOUND_SHARE) for part in made]
        return Query.boolean_query([(Occur.Should, part) for part in parts]) if parts else None

    def _compounds(self, wanted: Sequence[str], language: str) -> list[str]:
        """Return the terms that words of the question are made of, and those that begin with one."""
        found: dict[str, None] = {}
        for term in wanted:
            known = word_parts(term, language, lambda part: self._seen.searcher.doc_freq("terms", part) > 0)
            found |= dict.fromkeys(known)
            if is_compounding(language) and len(term) >= _SHORTEST_PART:
                longer: dict[str, int] = dict(self._seen.searcher.terms_with_prefix("terms", term))
                found |= dict.fromkeys(sorted(longer, key=lambda one: (-longer[one], one))[:_MOST_COMPOUNDS])
        return [term for term in found if term not in wanted]


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The index as of one commit. ``removed`` counts passages that its statistics still include."""

    searcher: "Searcher"
    passages: int
    removed: int
    languages: tuple[str, ...]
    frequency: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, searcher: "Searcher") -> "_Snapshot":
        languages = tuple(dict(searcher.terms_with_prefix("language", "")))
        return cls(searcher, searcher.num_docs, searcher.doc_freq("every", "1") - searcher.num_docs, languages)

    def idf(self, term: str, schema: "Schema") -> float:
        if term not in self.frequency:
            self.frequency[term] = self._holding(term, schema)
        return math.log(1 + (self.passages + 1) / (self.frequency[term] + 0.5))

    def _holding(self, term: str, schema: "Schema") -> int:
        if not self.removed:
            return self.searcher.doc_freq("terms", term)
        return int(getattr(self.searcher.search(_term_query(schema, term), 1), "count"))  # noqa: B009 - not in the stubs


def _schema() -> "Schema":
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("document", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("every", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("language", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("terms", tokenizer_name="terms", index_option="freq")
    return builder.build()


def _term_query(schema: "Schema", term: str) -> "Query":
    from tantivy import Query

    return Query.term_query(schema, "terms", term, "freq")


def _search_with_ties(searcher: "Searcher", asked: "Query", k: int) -> list[tuple[float, "DocAddress"]]:
    """Return the ``k`` best and, as far as they can be had, all that are as good as the last of them."""
    wide = k + _EXTRA_HITS
    while True:
        found = [(round(score, _SCORE_DECIMALS), at) for score, at in searcher.search(asked, wide, count=False).hits]
        if len(found) < wide or wide >= _MAX_TIES + k or found[-1][0] < found[k - 1][0]:
            last = found[min(k, len(found)) - 1][0] if found else 0.0
            return [(score, at) for score, at in found if score >= last]
        wide = min(4 * wide, _MAX_TIES + k)


@contextmanager
def _named_failures(folder: Path | None) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        raise KeywordIndexError(_failure_message(folder, error)) from error
    except BaseException as error:
        # Tantivy's native core reports some damage as a panic, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise KeywordIndexError(_failure_message(folder, error)) from error


def _failure_message(folder: Path | None, error: BaseException) -> str:
    where = "in memory" if folder is None else f"in {folder}"
    return (
        f"The keyword index {where} failed ({' '.join(str(error).split())[:200]}). Start again; if that does not help, "
        "move its folder away: it is made anew from the index."
    )
