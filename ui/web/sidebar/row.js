// What is done with a conversation that is not open: rename it, delete it. Runs once, after `redraw.js`;
// Gradio gives `element` and `trigger`.

const stacked = window.matchMedia("(max-width: 899px)"); // where the list lies over what is read
let focusNext = null; // what gets the keyboard once the list has changed
let unfolded = null; // the id of the tools that are open, which a drawing of the list folds

const buttonOf = (tools) => element.querySelector(`[data-more][aria-controls="${CSS.escape(tools.id)}"]`);

const shown = (button, open) => {
  button.setAttribute("aria-expanded", String(open));
  const tools = document.getElementById(button.getAttribute("aria-controls"));
  tools.hidden = !open;
  return tools;
};

const toggle = (button, open) => {
  for (const other of element.querySelectorAll('[data-more][aria-expanded="true"]')) {
    if (other !== button) toggle(other, false);
  }
  const tools = shown(button, open);
  unfolded = open ? tools.id : null;
  if (open) tools.querySelector("input").select();
};

element.addEventListener("click", (event) => {
  const more = event.target.closest("[data-more]");
  if (more) toggle(more, more.getAttribute("aria-expanded") !== "true");
  const gone = event.target.closest("[data-row-delete]");
  if (!gone || !confirm(`Delete “${gone.dataset.rowDelete}” for good?`)) return;
  focusNext = "[data-new]";
  trigger("end", { conversation: gone.closest("[data-of]").dataset.of });
});

element.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-row-renamed]");
  if (!form) return;
  event.preventDefault();
  const tools = form.closest("[data-of]");
  focusNext = `[data-more][aria-controls="${CSS.escape(tools.id)}"]`;
  unfolded = null;
  trigger("apply", { conversation: tools.dataset.of, title: form.elements.title.value });
});

element.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  const more = event.target.closest("[data-more]");
  const tools = event.target.closest("[data-of]");
  const fold = element.querySelector('[data-fold][aria-expanded="true"]');
  if (tools || more?.ariaExpanded === "true") {
    const button = more ?? buttonOf(tools);
    toggle(button, false);
    button.focus();
  } else if (fold && stacked.matches && !event.target.closest("form")) {
    fold.click();
    fold.focus();
  } else return;
  event.preventDefault(); // this Escape is spent
});

redrawn(() => {
  const button = unfolded && element.querySelector(`[data-more][aria-controls="${CSS.escape(unfolded)}"]`);
  if (button) shown(button, true);
  if (focusNext) element.querySelector(focusNext)?.focus();
  focusNext = null;
});
