// The source pane scrolls to the cited words. Runs once, when the pane is first drawn; Gradio gives `element`,
// `trigger` and `watch`.

const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const stacked = window.matchMedia("(max-width: 899px)");

let drawn = ""; // the title and path last drawn, to glide within one document and jump between two
let clicked = false; // the reader asked for this source, rather than it opening by itself

const reveal = () => {
  const page = element.querySelector(".page");
  const mark = element.querySelector(".printed .box") ?? element.querySelector("mark.active");
  const same = drawn === element.querySelector(".about")?.textContent;
  drawn = element.querySelector(".about")?.textContent ?? "";
  // On a narrow screen the pane lies below the answer: go there, but only when the reader asked.
  if (clicked && stacked.matches) element.scrollIntoView({ block: "start" });
  clicked = false;
  if (!page || !mark) return;
  const top = page.scrollTop + mark.getBoundingClientRect().top - page.getBoundingClientRect().top;
  const room = Math.max(24, (page.clientHeight - mark.getBoundingClientRect().height) / 3);
  page.scrollTo({ top: top - room, behavior: same && !still.matches ? "smooth" : "instant" });
};

watch("value", () => {
  (element.keepPlace ?? reveal)();
  element.keepPlace = null;
  document.dispatchEvent(new CustomEvent("onrecord:shown"));
});

document.addEventListener("onrecord:open", (event) => {
  clicked = true;
  if (element.querySelector("[data-shown]")?.dataset.shown === event.detail) reveal();
});

element.addEventListener("click", (event) => {
  if (event.target.closest(".back")) {
    const current = document.querySelector('#conversation [aria-current="true"]');
    current?.scrollIntoView({ block: "center" });
    current?.focus({ preventScroll: true });
  }
});
