// The list of documents: clicks, chosen rows that stay chosen when the list is drawn anew, and folders dropped on
// the box for files. Runs once, after `redraw.js`; Gradio gives `element` and `trigger`.

const chosen = new Set();
let name = null; // what stands in the box for a collection, until it is used
let focused = ""; // the key of what the keyboard was on
let row = -1; // and the row it was in
let trashOpen = false;

const rows = () => [...element.querySelectorAll("tbody tr")];
const boxes = () => [...element.querySelectorAll("tbody .choose input")];

const showChosen = () => {
  for (const box of boxes()) box.checked = chosen.has(box.value);
  const all = element.querySelector(".library-all");
  if (!all) return;
  const count = boxes().filter((box) => box.checked).length;
  all.checked = count > 0 && count === boxes().length;
  all.indeterminate = count > 0 && !all.checked;
};

element.addEventListener("focusin", (event) => {
  focused = event.target.closest("[data-key]")?.dataset.key ?? event.target.id ?? "";
  row = rows().indexOf(event.target.closest("tbody tr"));
});
// A list drawn anew drops the focus without a word; a reader who leaves takes it elsewhere.
document.addEventListener("focusin", (event) => {
  if (!element.contains(event.target)) focused = "";
});

element.addEventListener("change", (event) => {
  const box = event.target.closest(".choose input");
  if (!box) return;
  const changed = box.classList.contains("library-all") ? boxes() : [box];
  for (const one of changed) box.checked ? chosen.add(one.value) : chosen.delete(one.value);
  showChosen();
});

element.addEventListener("input", (event) => {
  if (event.target.id === "library-name") name = event.target.value;
});

element.addEventListener("toggle", (event) => {
  if (event.target.matches(".library-trash")) trashOpen = event.target.open;
}, true);

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const data = button.dataset;
  if (data.sort) trigger("input", { sort: data.sort });
  else if (data.more) trigger("input", { more: true });
  else if (data.open) {
    document.dispatchEvent(new CustomEvent("onrecord:library-open"));
    trigger("select", { open: data.open });
  } else if (data.do) trigger("apply", { do: data.do, ids: data.id ? [data.id] : [] });
  else if (data.bulk === "all") trigger("apply", { do: "reindex", ids: [] });
  else if (data.bulk) {
    const there = new Set(boxes().map((box) => box.value));
    const ids = [...chosen].filter((id) => there.has(id));
    const wanted = data.name ?? element.querySelector("#library-name").value;
    const nothing = ids.length === 0 && !["put", "drop"].includes(data.bulk);
    trigger("apply", { do: nothing ? "nothing" : data.bulk, ids, name: wanted });
    if (["remove", "put", "take_out"].includes(data.bulk)) chosen.clear();
    name = null;
  }
});

redrawn(() => {
  showChosen();
  const box = element.querySelector("#library-name");
  if (box && name !== null) box.value = name;
  const trash = element.querySelector(".library-trash");
  if (trash && trashOpen) trash.open = true;
  if (!focused || (document.activeElement && document.activeElement !== document.body)) return;
  const same = element.querySelector(`[data-key="${CSS.escape(focused)}"]:not(:disabled), #${CSS.escape(focused || "x")}`);
  const near = rows()[Math.min(row, rows().length - 1)]?.querySelector(".library-open");
  (same ?? (row >= 0 ? near : null) ?? element.querySelector(".library-count"))?.focus({ preventScroll: true });
});

// A folder dropped on the box for files: its files, however deep, are handed on as if they had been chosen.
const entries = (reader) => new Promise((done, failed) => reader.readEntries(done, failed));
const fileOf = (entry) => new Promise((done, failed) => entry.file(done, failed));

// Names keep the folders before them, written so that no slash has to pass; the last ones of very long paths.
const SLASH = "\u2215";
const LONGEST_NAME = 180; // bytes that the upload keeps of a name
const bytes = (text) => new TextEncoder().encode(text).length;

const placed = (file, path) => {
  const parts = path.split("/");
  while (parts.length > 1 && bytes(parts.join(SLASH)) > LONGEST_NAME) parts.shift();
  return new File([file], parts.join(SLASH), { type: file.type, lastModified: file.lastModified });
};

const give = (input, files) => {
  const carried = new DataTransfer();
  for (const file of files) carried.items.add(file);
  input.files = carried.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};

const within = async (entry, above = "") => {
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) {
    const file = await fileOf(entry);
    return [placed(file, above + file.name)];
  }
  const reader = entry.createReader();
  const found = [];
  for (let some = await entries(reader); some.length; some = await entries(reader)) {
    for (const one of some) found.push(...(await within(one, `${above}${entry.name}/`)));
  }
  return found;
};

document.addEventListener("drop", async (event) => {
  const zone = event.target.closest?.("#library-files");
  if (!zone) return;
  const dropped = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!dropped.some((entry) => entry.isDirectory)) return;
  event.preventDefault();
  event.stopPropagation();
  const files = (await Promise.all(dropped.map((entry) => within(entry)))).flat();
  const input = zone.querySelector("input[type=file]");
  if (input && files.length) give(input, files);
}, true);

// A folder that was chosen: the browser tells each file's folders beside its name.
document.addEventListener("change", (event) => {
  const input = event.target;
  const files = [...(input.files ?? [])];
  if (!files.some((file) => file.webkitRelativePath)) return;
  event.stopImmediatePropagation();
  const seen = files.filter((file) => !/(^|\/)\./.test(file.webkitRelativePath));
  if (seen.length) give(input, seen.map((file) => placed(file, file.webkitRelativePath || file.name)));
}, true);
