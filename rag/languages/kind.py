"""Tell what a question in another language than English asks for beside facts: a summary, the library, thanks."""

import re
from dataclasses import dataclass
from typing import Literal

from index.text.language import SPACELESS, question_language
from index.text.patterns import ignoring_case
from index.text.terms import fold_token, without_function_words
from rag.languages.messages import Messages, load_messages
from rag.languages.question_words import load_question_words

_MARKS = " \t¿¡?？!！.。…,，、;；"
_Kind = Literal["overview", "about_library", "about_tool", "smalltalk"]


@dataclass(frozen=True, slots=True)
class AskedElsewhere:
    """The ``kind`` of answer, the ``messages`` in the question's language, and what a summary is to be about."""

    kind: _Kind
    messages: Messages
    subject: str = ""
    reply: str = ""


def kind_in_language(question: str) -> AskedElsewhere | None:
    """Return what ``question`` asks for; None for a fact, for English, and where the language is not sure.

    >>> kind_in_language("Worum geht es im Bericht?").subject
    'bericht'
    >>> kind_in_language("What is this about?") is None
    True
    """
    line = " ".join(question.split()).strip(_MARKS)
    language = question_language(question)
    if (greeted := _smalltalk(line, language)) is not None:
        return greeted
    if language not in load_question_words():
        return None
    words, messages = load_question_words()[language], load_messages()[language]
    said = line if language in SPACELESS else _folded(line)
    if (found := ignoring_case(words.overview).fullmatch(said)) is not None:
        subject = next(filter(None, found.groupdict().values()), "").strip()
        return AskedElsewhere("overview", messages, _subject(subject, language))
    if ignoring_case(words.library).fullmatch(said):
        return AskedElsewhere("about_library", messages)
    return (
        AskedElsewhere("about_tool", messages, reply=messages.tool)
        if ignoring_case(words.tool).fullmatch(said)
        else None
    )


def _smalltalk(line: str, language: str) -> AskedElsewhere | None:
    """Return the reply to a greeting, thanks or a farewell, which are too short to tell their language by."""
    by_language = load_question_words()
    for spoken in (language,) if language in by_language else by_language:
        words, messages = by_language[spoken], load_messages()[spoken]
        said = line if spoken in SPACELESS else _folded(line)
        for pattern, reply in (
            (words.greeting, messages.hello),
            (words.thanks, messages.welcome),
            (words.bye, messages.goodbye),
        ):
            if ignoring_case(pattern).fullmatch(said):
                return AskedElsewhere("smalltalk", messages, reply=reply)
    return None


def _subject(said: str, language: str) -> str:
    """Return what is said without function words; empty for "this document"."""
    if language in SPACELESS:
        return "" if _THIS.fullmatch(said) else said
    return " ".join(word for word in without_function_words(said, language) if not _THIS.fullmatch(word))


_THIS = re.compile(
    r"(?:hier|das|dies\w*|dokumente?s?|datei|unterlagen|texte?s?|ici|ca|ce\w*|documents?|fichiers?|est[eo]|documentos?|"
    r"archivos?|quest[oa]|documenti?o?|ist[oa]|ficheiros?|dit|documenten|tekst|bestand|"
    r"(?:这|该|此)?(?:份|篇|个|些)?(?:文档|文件|资料|文章)?(?:的)?(?:内容)?|(?:この|その)?(?:文書|資料|文章|ファイル)?(?:の内容)?)",
    re.IGNORECASE,
)


def _folded(line: str) -> str:
    return "".join(map(fold_token, line))
