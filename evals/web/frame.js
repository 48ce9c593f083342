// A report is saved as the file it is. Gradio gives `element`.
element.addEventListener("click", (event) => {
  const save = event.target.closest(".eval-save");
  if (!save) return;
  const page = element.querySelector("iframe").srcdoc;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([page], { type: "text/html" }));
  link.download = save.dataset.name;
  link.click();
  URL.revokeObjectURL(link.href);
});
