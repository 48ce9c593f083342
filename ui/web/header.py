"""The head of the page: the name, what this is, over how many documents, and who answers."""

from html import escape

from rag.verify.labels import describe_location

_ANSWERERS = {"quoted": "Quoted answers — no language model"}


def masthead_html(title: str, documents: int, answerer: str, where: str = "", *, user: str = "", root: str = "") -> str:
    """``answerer`` is ``"quoted"`` or the name of the model that writes the answers, which runs ``where``.

    A ``user`` is named and can sign out, at the path ``root``.
    """
    counted = "1 document" if documents == 1 else f"{documents:,} documents"
    who = _ANSWERERS.get(answerer, f"Answers written by {answerer}" + (f" {describe_location(where)}" if where else ""))
    out = (
        f'<form class="signed-in" method="post" action="{escape(root.rstrip("/"))}/logout"><span>{escape(user)}</span> '
        '<button type="submit">Sign out</button></form>'
        if user
        else ""
    )
    return (
        f'<header class="masthead"><h1>{escape(title)}</h1>'
        '<p class="about-line">Answers from your documents, every sentence on the record.</p>'
        f'<p class="facts"><span>{counted}</span> <span>{escape(who)}</span></p>{out}</header>'
    )
