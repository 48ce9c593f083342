"""Whom the sentences so far were about, paragraph by paragraph, and whom "he" or "she" means among them."""

from collections import defaultdict

from rag.cast import Cast


class Subjects:
    """Remembers the subjects of an article's sentences, told in order.

    Those of a paragraph are kept by their gender, empty where it is not known, so that a pronoun is resolved in the
    same time however many there are.
    """

    def __init__(self, people: Cast) -> None:
        self._people = people
        self._told: dict[str, str] = {}  # by a pronoun that could mean nobody else
        self._of: defaultdict[tuple[int, str], dict[str, None]] = defaultdict(dict)
        self._unclear: defaultdict[str, list[int]] = defaultdict(list)  # paragraphs

    def add(self, paragraph: int, name: str) -> None:
        """Remember that a sentence of ``paragraph`` was about ``name``, which no pronoun means if it is no name."""
        if not name[:1].isupper():
            return
        gender = self._people.gender(name) or self._told.get(name, "")
        if not gender and name not in self._of[paragraph, ""]:
            self._unclear[name].append(paragraph)
        self._of[paragraph, gender][name] = None

    def meant(self, pronoun: str, paragraph: int) -> str:
        """Whom "he" or "she" means: the only candidate of this paragraph, or of the one before; else empty."""
        for block in (paragraph, paragraph - 1):
            groups = [self._of.get((block, gender), {}) for gender in (pronoun, "")]
            count = sum(map(len, groups))
            if count:
                name = next(name for group in groups for name in group)
                if count == 1:
                    self._tell(name, pronoun)
                return name if count == 1 else ""
        return ""

    def _tell(self, name: str, pronoun: str) -> None:
        self._told.setdefault(name, pronoun)
        for paragraph in self._unclear.pop(name, ()):
            del self._of[paragraph, ""][name]
            self._of[paragraph, pronoun][name] = None
