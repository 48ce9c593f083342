// A fold the reader opened stays open while the conversation is drawn again, which shuts it.

const unfolded = new Set();

element.addEventListener("click", (event) => {
  const fold = event.target.closest("summary")?.closest("[data-fold]");
  if (!fold) return;
  if (fold.open) unfolded.delete(fold.dataset.fold);
  else unfolded.add(fold.dataset.fold);
});

watch("value", () => {
  const folds = [...element.querySelectorAll("[data-fold]")];
  if (!folds.length) unfolded.clear();
  for (const fold of folds) fold.open = unfolded.has(fold.dataset.fold);
});
