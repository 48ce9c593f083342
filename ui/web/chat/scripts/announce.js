// What is said aloud of an answer: that it is being looked for, and the whole of it once, when it is there. A draft
// that is still written is not read out word by word.

let waiting = false;

const aloud = (words) => document.dispatchEvent(new CustomEvent("onrecord:say", { detail: words }));

const spoken = (exchange) => {
  if (exchange.querySelector(".problem")) return ""; // an alert, which speaks for itself
  const answer = exchange.querySelector(".claims, .refusal, .status");
  if (!answer) return "";
  const copy = answer.cloneNode(true);
  for (const marker of copy.querySelectorAll(".cite, [aria-hidden]")) marker.remove();
  const cited = new Set([...exchange.querySelectorAll(".cite")].map((marker) => marker.dataset.open)).size;
  const counted = cited ? `${cited} ${cited === 1 ? "citation" : "citations"}.` : "";
  return `${copy.textContent.replace(/\s+/g, " ").trim()} ${counted}`.trim();
};

watch("value", () => {
  const busy = element.querySelector(".talk")?.ariaBusy === "true";
  if (busy === waiting) return;
  waiting = busy;
  const newest = [...element.querySelectorAll(".exchange")].at(-1);
  if (busy) aloud("Reading the documents.");
  else if (newest) aloud(spoken(newest));
});
