"""Reduce what a model wrote to words: no link, image, markup or marker stays in it."""

import re

_IMAGE = re.compile(r"!\[([^\[\]\n]*)\](?:\([^)\n]*\)?|\[[^\]\n]*\])")
_LINK = re.compile(r"\[([^\[\]\n]+)\](?:\([^)\n]*\)?|\[[^\]\n]*\])")
_DEFINITION = re.compile(r"^\s*\[([^\]\n]+)\]:")
_TAG = re.compile(r"<(?:!--.*?(?:-->|$)|/?[a-zA-Z][^<>]*(?:>|$)|[a-zA-Z][a-zA-Z0-9+.-]*:[^<>\s]*>)", re.DOTALL)
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,20}:/{1,3}|\b(?:javascript|data|vbscript|mailto|tel|file):(?=\S)|\bwww\.|(?<![\w:])//(?=\w))"
    r"((?:\([^\s()]*\)|[^\s<>\"'\]()}])*)",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:[^@/\s]*@)?([\w-]+(?:\.[\w-]+)+)")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]")
_BRACKETS = str.maketrans("[]<>", "    ")
_MAX_NESTING = 10  # of links in links and tags in tags; deeper ones only hide something
_CONTROL = re.compile(r"<\|[^|<>]{0,40}\|>|\[/?INST\]|<</?SYS>>|</?s>")


def sanitize(text: str) -> str:
    """Return ``text`` on one line without markup; of an address only the host's name stays, in a form that is no link.

    Links and images keep their words. Invisible characters, and those that change the direction of a text, are removed.
    """
    text = _INVISIBLE.sub("", text)
    for _ in range(_MAX_NESTING):
        before, text = text, _LINK.sub(r"\1", _IMAGE.sub(r"\1", _TAG.sub(" ", _CONTROL.sub(" ", text))))
        if text == before:
            break
    else:
        text = text.translate(_BRACKETS)
    text = _DEFINITION.sub(r"\1:", text)
    return " ".join(_ADDRESS.sub(_host, text).split())


def _host(match: re.Match[str]) -> str:
    host = _HOST.match(match[1])
    return f"(address at {host[1].replace('.', ' dot ')})" if host else "(address)"
