// Ask for more of the document that is shown. Once it is there, the component's own script calls `element.keepPlace`,
// which puts the reader back where they were. Runs once; Gradio gives `element` and `trigger`.

element.addEventListener("click", (event) => {
  const more = event.target.closest("[data-more]")?.dataset.more;
  if (!more) return;
  const page = element.querySelector(".page");
  const above = page.scrollTop;
  const below = page.scrollHeight - above;
  element.keepPlace = () => {
    page.scrollTop = more === "earlier" ? page.scrollHeight - below : above;
  };
  trigger("select", { more });
});
