// Clicks in the conversation, and keeping the newest question in sight. Runs once, when the conversation is
// first drawn; Gradio gives `element`, `trigger` and `watch`.

const shownKey = () => document.querySelector("#source [data-shown]")?.dataset.shown;

// The citation that is open is marked as the current one.
const markCurrent = () => {
  const shown = shownKey();
  for (const button of element.querySelectorAll("[data-open]")) {
    if (button.dataset.open === shown) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
};

element.addEventListener("click", (event) => {
  const example = event.target.closest("[data-example]");
  if (example) trigger("submit", { example: Number(example.dataset.example) });
  const source = event.target.closest("[data-open]");
  if (!source) return;
  const key = source.dataset.open;
  document.dispatchEvent(new CustomEvent("onrecord:open", { detail: key }));
  if (key !== shownKey()) trigger("select", { open: key });
});

// The newest question stays at the top while its answer grows, until the reader scrolls elsewhere.
let turns = 0;
let following = true;
let placed = -1;

const scroller = () => element.closest("#conversation");

const follow = () => {
  const exchanges = element.querySelectorAll(".exchange");
  const newest = exchanges[exchanges.length - 1];
  if (exchanges.length !== turns) following = true;
  turns = exchanges.length;
  const box = scroller();
  if (!newest || !box) return;
  if (box.scrollHeight > box.clientHeight + 1) {
    if (placed >= 0 && Math.abs(box.scrollTop - placed) > 4) following = false;
    if (!following) return;
    box.scrollTop += newest.getBoundingClientRect().top - box.getBoundingClientRect().top;
    placed = box.scrollTop;
  } else if (placed !== turns && following) {
    newest.scrollIntoView({ block: "nearest" });
  }
};

watch("value", () => {
  follow();
  markCurrent();
});
document.addEventListener("onrecord:shown", markCurrent);
