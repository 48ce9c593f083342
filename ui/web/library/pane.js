// The document that is open in the library. Runs once; Gradio gives `element`, `trigger` and `watch`.

let asked = true; // the pane is drawn first because a document was asked for

document.addEventListener("onrecord:library-open", () => {
  asked = true;
});

const reveal = () => {
  if (!asked) return;
  asked = false;
  const page = element.querySelector(".page");
  if (!page) return;
  element.scrollIntoView({ block: "nearest" });
  element.querySelector(".back")?.focus({ preventScroll: true });
};

watch("value", () => {
  (element.keepPlace ?? reveal)();
  element.keepPlace = null;
});
reveal();

element.addEventListener("click", (event) => {
  if (event.target.closest(".back")) {
    const shown = element.querySelector("[data-shown]")?.dataset.shown ?? "";
    document.querySelector(`#library-list [data-open="${CSS.escape(shown)}"]`)?.focus();
    trigger("select", { close: true });
  }
});
