// Saves the file that comes with the page's next change. Runs once; Gradio gives `element` and `watch`.

watch("value", () => {
  const held = element.querySelector("[data-content]");
  if (!held) return;
  const bytes = Uint8Array.from(atob(held.dataset.content), (c) => c.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: held.dataset.kind }));
  link.download = held.dataset.name;
  link.click();
  held.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
});
