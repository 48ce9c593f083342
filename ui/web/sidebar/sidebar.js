// The list of conversations: fold it, open, rename, delete, share. Runs once, after `redraw.js`; Gradio gives
// `element` and `trigger`.

const wide = window.matchMedia("(min-width: 1200px)");
let open = wide.matches; // whether the list is unfolded
let renaming = false; // whether the open conversation's form is unfolded
let focusNext = null; // where the keyboard goes once the list has changed

const fold = () => {
  const button = element.querySelector("[data-fold]");
  button?.setAttribute("aria-expanded", String(open));
  element.querySelector("#kept-rows")?.toggleAttribute("hidden", !open);
  element.closest("#kept")?.classList.toggle("open", open);
};

const drawn = () => {
  fold();
  foldRename();
  const link = element.querySelector("[data-token]");
  if (link) link.value = `${location.origin}${location.pathname}?shared=${link.dataset.token}`;
  if (focusNext) element.querySelector(focusNext)?.focus();
  focusNext = null;
};

const copyLink = async (button) => {
  const link = element.querySelector("[data-token]");
  link.select();
  try {
    await navigator.clipboard.writeText(link.value);
  } catch {
    document.execCommand("copy"); // without HTTPS there is no clipboard to write to
  }
  button.focus();
  button.textContent = "Copied";
};

const foldRename = () => {
  const form = element.querySelector("[data-renamed]");
  form?.toggleAttribute("hidden", !renaming);
  element.querySelector("[data-rename]")?.setAttribute("aria-expanded", String(renaming));
  return form;
};

const toggleRename = () => {
  renaming = !renaming;
  const form = foldRename();
  if (renaming) form.elements.title.select();
  else element.querySelector("[data-rename]").focus();
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { dataset } = button;
  if ("fold" in dataset) {
    open = !open;
    fold();
  } else if ("new" in dataset) {
    if (!wide.matches) open = false;
    renaming = false;
    trigger("clear", {});
  } else if ("conversation" in dataset) {
    if (!wide.matches) open = false;
    renaming = false;
    focusNext = open ? '[aria-current="true"]' : "[data-fold]";
    trigger("select", { conversation: dataset.conversation });
  } else if ("rename" in dataset) {
    toggleRename();
  } else if ("delete" in dataset) {
    if (!confirm(`Delete “${dataset.delete}” for good?`)) return;
    renaming = false;
    focusNext = "[data-new]";
    trigger("delete", {});
  } else if ("share" in dataset || "revoke" in dataset) {
    focusNext = "share" in dataset ? "[data-copy-link]" : "[data-share]";
    trigger("share" in dataset ? "expand" : "collapse", {});
  } else if ("copyLink" in dataset) {
    copyLink(button);
  } else if ("export" in dataset) {
    trigger("download", { format: dataset.export });
  }
});

element.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-renamed]");
  if (!form) return;
  event.preventDefault();
  renaming = false;
  focusNext = "[data-rename]";
  trigger("apply", { title: form.elements.title.value });
});

element.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest("[data-renamed]")) toggleRename();
});

wide.addEventListener("change", () => {
  open = wide.matches;
  fold();
});
redrawn(drawn);
