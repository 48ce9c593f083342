// The keys of the page. Runs once; Gradio gives `element`.

const STORED = "onrecord:single-keys";
const dialog = element.querySelector("dialog");
const single = element.querySelector(".single");
const line = element.querySelector("#spoken");

// A browser that keeps nothing has the keys on.
const recall = () => {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true;
  }
};
const keep = (on) => {
  try {
    localStorage.setItem(STORED, on ? "on" : "off");
  } catch {
    /* it holds for this visit */
  }
};

single.checked = recall();
single.addEventListener("change", () => keep(single.checked));
element.querySelector(".keys").addEventListener("click", () => dialog.showModal());
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

document.addEventListener("onrecord:say", (event) => {
  // The same words said again would not be heard unless the line was empty between.
  line.textContent = "";
  setTimeout(() => {
    line.textContent = event.detail;
  }, 60);
});

const seen = (selector) => {
  const found = document.querySelector(selector);
  return found?.checkVisibility() ? found : null;
};
const walk = (by) => document.dispatchEvent(new CustomEvent("onrecord:step", { detail: by }));

const ACTIONS = {
  "/": () => seen("#question textarea")?.focus(),
  "]": () => walk(1),
  j: () => walk(1),
  "[": () => walk(-1),
  k: () => walk(-1),
  o: () => seen("#source .page")?.focus(),
  c: () => {
    const fold = seen("#kept-list [data-fold]");
    if (fold?.getAttribute("aria-expanded") === "false") fold.click();
    (seen("#kept-list .row[aria-current]") ?? seen("#kept-list .row") ?? fold)?.focus();
  },
  n: () => (seen("#clear") ?? seen("#kept-list [data-new]"))?.click(),
  s: () => seen("#stop")?.click(),
  "?": () => dialog.showModal(),
};

const typing = (target) => !!target.closest?.("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");

const leave = (target) => {
  if (target.closest?.("#source")) document.querySelector('#conversation [data-open][aria-current="true"]')?.focus();
  else if (target.closest?.("#question")) target.blur();
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || dialog.open || !seen("#conversation")) return;
  if (event.key === "Escape") return leave(event.target);
  if (event.key === "ArrowUp" && event.target.matches?.("#question textarea") && !event.target.value) {
    const edit = [...document.querySelectorAll("#conversation .acts > [data-edit][aria-expanded]:enabled")].at(-1);
    if (!edit?.checkVisibility()) return;
    event.preventDefault();
    return edit.click();
  }
  // On many keyboards brackets are typed with AltGr, which reads as Ctrl and Alt.
  const chord = (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph");
  if (chord || !single.checked || typing(event.target)) return;
  const action = Object.hasOwn(ACTIONS, event.key) && ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
