// From one citation of an answer to the next, in the order of their numbers. A walk through what was considered, or
// through the closest passages of a refusal, stays among those.

let heading = null; // what was asked for and is not drawn yet
let asked = null; // what was opened last, drawn or not
let pressed = null; // the button of the pane that was pressed, which keeps the keyboard

const current = () => heading ?? document.querySelector("#source [data-shown]")?.dataset.shown;

const buttonOf = (key) => key && element.querySelector(`[data-open="${CSS.escape(key)}"]`);

const KINDS = ['[data-open*=".also."]', '[data-open*=".closest."]', ".cite"];

// One button for every place of the answer that is open, or else of the newest.
const sequence = () => {
  const now = buttonOf(current());
  const exchanges = [...element.querySelectorAll(".exchange")];
  const within = now?.closest(".exchange") ?? exchanges.at(-1);
  if (!within) return [];
  const kind = now ? KINDS.find((one) => now.matches(one)) : KINDS.slice(1).find((one) => within.querySelector(one));
  const first = new Map();
  for (const button of within.querySelectorAll(kind ?? ".cite")) {
    if (!first.has(button.dataset.open)) first.set(button.dataset.open, button);
  }
  return [...first.values()].sort((a, b) => numberOf(a) - numberOf(b));
};

const numberOf = (button) => Number(button.dataset.open.split(".").at(-1));
const indexIn = (all) => all.findIndex((button) => button.dataset.open === current());
const say = (words) => document.dispatchEvent(new CustomEvent("onrecord:say", { detail: words }));

const step = (by, from) => {
  const all = sequence();
  const at = indexIn(all);
  const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  const next = all[to];
  if (!next) {
    if (all.length) say(by > 0 ? "That was the last one." : "That was the first one.");
    return;
  }
  pressed = from;
  next.closest("details:not([open])")?.querySelector("summary").click();
  if (from) say(`${to + 1} of ${all.length}. ${next.getAttribute("aria-label") ?? next.textContent}`);
  else {
    next.focus({ preventScroll: true, focusVisible: true });
    next.scrollIntoView({ block: "nearest" });
  }
  next.click();
};

const told = () => {
  const row = document.querySelector("#source .steps");
  if (!row) return;
  const all = sequence();
  const at = indexIn(all);
  row.querySelector(".at").textContent = at < 0 ? "" : `${at + 1} of ${all.length}`;
  for (const button of row.querySelectorAll("[data-step]")) {
    const beyond = at + Number(button.dataset.step);
    // Not disabled, which would drop the keyboard at the end of the walk.
    button.setAttribute("aria-disabled", String(beyond < 0 || beyond >= all.length));
  }
  if (pressed) row.querySelector(`[data-step="${pressed}"]`)?.focus({ preventScroll: true });
  if (!heading) pressed = null;
};

document.addEventListener("onrecord:open", (event) => {
  heading = asked = event.detail;
});
document.addEventListener("onrecord:shown", () => {
  const shown = document.querySelector("#source [data-shown]")?.dataset.shown;
  // The reply to an earlier click may come last, and has then drawn over what was asked for after it.
  if (!heading && asked && shown && shown !== asked) buttonOf(asked)?.click();
  else if (!shown || shown === heading) heading = null;
  told();
});
document.addEventListener("onrecord:step", (event) => step(event.detail, null));
document.addEventListener("click", (event) => {
  const button = event.target.closest("#source [data-step]");
  if (button) step(Number(button.dataset.step), button.dataset.step);
});
watch("value", () => {
  heading = asked = null;
  told();
});
