// A click on a question to go on with asks it. Runs once; Gradio gives `element` and `trigger`.

element.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-followup]");
  if (!chip) return;
  trigger("submit", { question: chip.dataset.followup });
  document.querySelector("#question textarea")?.focus({ preventScroll: true });
});
