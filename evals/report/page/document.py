"""The HTML document around a report: styles and scripts inlined, nothing fetched, no other script run."""

import base64
import hashlib
from importlib.resources import files

from evals.report.page.markup import Html, element, join_html


def html_document(title: str, body: Html, *scripts: str) -> str:
    """Write a whole document around ``body``, with the named scripts of this folder at its end.

    The content security policy allows the scripts written here, by their hashes, and no request at all: what
    a case or a document holds can be neither run nor fetched.
    """
    style = _file("report.css")
    sources = [_file(name) for name in ("theme.js", *scripts)]
    scripts_allowed = " ".join(map(_hash, sources))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {scripts_allowed}; "
        "base-uri 'none'; form-action 'none'"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Html(style)),
        # Before the body, so that a chosen theme is there from the first paint.
        element("script", Html(sources[0])),
    )
    late = join_html(*(element("script", Html(source)) for source in sources[1:]))
    whole = element("html", head, element("body", body, late), lang="en")
    return f"<!doctype html>\n{whole}\n"


def theme_button() -> Html:
    """Write the button that switches between themes; hidden where scripts do not run."""
    return element("button", "Theme: auto", type="button", id="theme", hidden=True)


def all_scripts() -> tuple[str, ...]:
    """Return every script that a page may carry, for a page that frames it to allow them by their hashes."""
    folder = files("evals.report.page")
    return tuple(_file(one.name) for one in folder.iterdir() if one.name.endswith(".js"))


def _file(name: str) -> str:
    return files("evals.report.page").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
