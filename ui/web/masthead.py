"""The head of the page: the name, what this is, over how many documents, and who answers."""

from html import escape

from rag.verdict import placed

_ANSWERERS = {"quoted": "Quoted answers — no language model"}


def masthead_html(title: str, documents: int, answerer: str, where: str = "") -> str:
    """``answerer`` is ``"quoted"`` or the name of the model that writes the answers, which runs ``where``."""
    counted = "1 document" if documents == 1 else f"{documents:,} documents"
    who = _ANSWERERS.get(answerer, f"Answers written by {answerer}" + (f" {placed(where)}" if where else ""))
    return (
        f'<header class="masthead"><h1>{escape(title)}</h1>'
        '<p class="about-line">Answers from your documents, every sentence on the record.</p>'
        f'<p class="facts"><span>{counted}</span> <span>{escape(who)}</span></p></header>'
    )
