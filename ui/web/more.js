// "Show more" in an open document, where the reader stays at the words they were at. Stands before a pane's own script;
// `drawnAnew` is for that to call when the pane has been drawn. Gradio gives `element` and `trigger`.

let keepPlace = null; // puts the reader back, once more text has been added

const drawnAnew = (otherwise) => {
  (keepPlace ?? otherwise)();
  keepPlace = null;
};

element.addEventListener("click", (event) => {
  const more = event.target.closest("[data-more]")?.dataset.more;
  if (!more) return;
  const page = element.querySelector(".page");
  const above = page.scrollTop;
  const below = page.scrollHeight - above;
  keepPlace = () => {
    page.scrollTop = more === "earlier" ? page.scrollHeight - below : above;
  };
  trigger("select", { more });
});
