"""The frame of a plot: its title, its description for those who cannot see it, its caption."""

from evals.report.page.markup import Html, element


def svg_image(id_: str, title: str, description: str, *shapes: str, height: float, view: str | None = None) -> Html:
    """Write an SVG image with a name and a description. Without ``view`` it is as wide as its place, in percent."""
    return element(
        "svg",
        element("title", title, id=f"{id_}-title"),
        element("desc", description, id=f"{id_}-desc"),
        *shapes,
        role="img",
        aria_labelledby=f"{id_}-title",
        aria_describedby=f"{id_}-desc",
        viewBox=view,
        width="100%",
        height=None if view else f"{height:g}",
        class_="plot scaled" if view else "plot",
    )


def figure(id_: str, title: str, image: Html, *below: str, note: str = "", legend: str = "") -> Html:
    """Put a plot under its heading, with a note on how to read it."""
    return element(
        "figure",
        element("figcaption", element("h3", title), element("p", note) if note else Html()),
        legend or Html(),
        image,
        *below,
        id=id_,
    )


def legend(names: list[str]) -> Html:
    """List which colour is whose; empty for a single series."""
    if len(names) < 2:  # noqa: PLR2004
        return Html()
    items = (element("li", element("i", class_=f"key s{i % 4}"), name) for i, name in enumerate(names))
    return element("ul", *items, class_="legend")
