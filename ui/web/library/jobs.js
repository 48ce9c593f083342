// What the library is doing: buttons, and each change said to a screen reader once. Runs once, after
// `redraw.js`; Gradio gives `element` and `trigger`.

// A region that is never drawn anew, since one that is may not be read out.
const live = document.createElement("div");
live.className = "unseen";
live.setAttribute("role", "status");
live.setAttribute("aria-live", "polite");
document.body.append(live);

let focused = "";

element.addEventListener("focusin", (event) => {
  const { do: what, job } = event.target.dataset;
  focused = what ? `[data-do="${what}"][data-job="${job}"]` : "";
});
document.addEventListener("focusin", (event) => {
  if (!element.contains(event.target)) focused = "";
});

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) trigger("apply", { do: button.dataset.do, job: button.dataset.job });
});

redrawn(() => {
  const said = element.querySelector("[data-said]")?.dataset.said ?? "";
  if (live.textContent !== said) live.textContent = said;
  if (!focused || (document.activeElement && document.activeElement !== document.body)) return;
  (element.querySelector(focused) ?? element.querySelector("[data-do]"))?.focus({ preventScroll: true });
});
