// Clicks in the conversation, and keeping the newest question in sight. Runs once, when the conversation is
// first drawn; Gradio gives `element`, `trigger` and `watch`.

const shownKey = () => document.querySelector("#source [data-shown]")?.dataset.shown;

let asked = null; // what was last clicked and is not shown yet

// The citation that is open is marked as the current one.
const markCurrent = () => {
  const shown = shownKey();
  for (const button of element.querySelectorAll("[data-open]")) {
    if (button.dataset.open === shown) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
};

element.addEventListener("click", (event) => {
  const example = event.target.closest("[data-example]");
  if (example) trigger("submit", { example: Number(example.dataset.example) });
  const source = event.target.closest("[data-open]");
  if (!source) return;
  const key = source.dataset.open;
  const there = key === shownKey() && (asked ?? key) === key;
  asked = key;
  document.dispatchEvent(new CustomEvent("onrecord:open", { detail: key }));
  if (!there) trigger("select", { open: key });
});

// Judging an answer and making it a case. `turn` is the number of the answer in the conversation.
let focusNext = null; // where the keyboard goes once the page has changed

element.addEventListener("click", (event) => {
  const vote = event.target.closest("[data-rate]");
  if (vote) trigger("like", { turn: Number(vote.dataset.rate), good: vote.dataset.good === "true" });
  const toggle = event.target.closest("[data-case]");
  if (!toggle) return;
  const turn = toggle.dataset.case;
  const open = element.querySelector(`#case-${turn}`);
  focusNext = open ? `.make-case[data-case="${turn}"]` : `#case-${turn} textarea`;
  trigger("expand", { turn: Number(turn) });
});

element.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-keep]");
  if (!form) return;
  event.preventDefault();
  const held = new FormData(form);
  const edits = {
    ...Object.fromEntries(["question", "reference", "quote", "tags", "set"].map((n) => [n, held.get(n)])),
    answerable: held.get("answerable") === "yes",
    citations: held.getAll("citations"),
  };
  const turn = form.dataset.keep;
  focusNext = `[data-turn="${turn}"] :is(.kept, .case-form .problem)`;
  trigger("apply", { turn: Number(turn), edits });
});

const moveFocus = () => {
  const target = focusNext && element.querySelector(focusNext);
  if (!target) return;
  focusNext = null;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest" });
};

// The newest question stays at the top while its answer grows, until the reader scrolls elsewhere.
let turns = 0;
let following = true;
let placed = -1;

const scroller = () => element.closest("#conversation");

const follow = () => {
  const exchanges = element.querySelectorAll(".exchange");
  const newest = exchanges[exchanges.length - 1];
  if (exchanges.length !== turns) following = true;
  turns = exchanges.length;
  const box = scroller();
  if (!newest || !box || element.querySelector(".shared-head")) return; // what is shared is read from the top
  if (box.scrollHeight > box.clientHeight + 1) {
    if (placed >= 0 && Math.abs(box.scrollTop - placed) > 4) following = false;
    if (!following) return;
    box.scrollTop += newest.getBoundingClientRect().top - box.getBoundingClientRect().top;
    placed = box.scrollTop;
  } else if (placed !== turns && following) {
    newest.scrollIntoView({ block: "nearest" });
  }
};

watch("value", () => {
  // An answer that was begun elsewhere is still coming: ask for the rest of it.
  if (element.querySelector("[data-follow]")) trigger("play", {});
  follow();
  markCurrent();
  moveFocus();
});
document.addEventListener("onrecord:shown", () => {
  if (asked === shownKey()) asked = null;
  markCurrent();
});

// Copying an answer, and asking the last question anew.
const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without HTTPS there is no clipboard to write to; the old way still works.
    const held = document.createElement("textarea");
    held.value = text;
    held.className = "unseen";
    document.body.append(held);
    held.select();
    document.execCommand("copy");
    held.remove();
  }
};

const toggleEdit = (button) => {
  const form = element.querySelector(`#edit-${button.dataset.edit}`);
  const opener = element.querySelector(`.acts > [aria-controls="${form.id}"]`);
  form.hidden = !form.hidden;
  opener.setAttribute("aria-expanded", String(!form.hidden));
  if (form.hidden) opener.focus();
  else {
    form.scrollIntoView({ block: "nearest" });
    form.elements.question.focus();
    form.elements.question.select();
  }
};

element.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await copyText(copy.dataset.copy);
    copy.focus();
    copy.textContent = "Copied";
    setTimeout(() => (copy.textContent = "Copy with footnotes"), 2000);
  }
  const again = event.target.closest("[data-again]");
  if (again) trigger("retry", {});
  const edit = event.target.closest("[data-edit]");
  if (edit) toggleEdit(edit);
});

element.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-edited]");
  if (!form) return;
  event.preventDefault();
  trigger("edit", { question: form.elements.question.value });
});

element.addEventListener("keydown", (event) => {
  const form = event.target.closest("[data-edited]");
  if (!form) return;
  if (event.key === "Escape") toggleEdit(form.querySelector("[data-edit]"));
  if (event.key === "Enter" && !event.shiftKey && event.target.matches("textarea")) {
    event.preventDefault();
    form.requestSubmit();
  }
});
