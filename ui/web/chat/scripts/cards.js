// The card of a marker, while it is pointed at or has the keyboard. It can be pointed at itself, stays until the
// reader leaves, and goes on Escape.

const SHOW_AFTER = 120; // milliseconds, so that crossing a marker shows nothing
const HIDE_AFTER = 200; // milliseconds to get from a marker to its card
const EDGE = 8; // pixels kept free at the edges of the window

let open = null; // the marker whose card is shown
let timer = 0;

const cardOf = (marker) => document.getElementById(marker?.dataset.card ?? "");

const put = (marker, card) => {
  const at = marker.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const most = document.documentElement.clientWidth - width - EDGE;
  const above = at.top - height - 6;
  const below = at.bottom + 6;
  const fits = below + height + EDGE <= window.innerHeight || above < EDGE;
  card.style.left = `${Math.max(EDGE, Math.min(at.left, most))}px`;
  card.style.top = `${fits ? Math.max(EDGE, Math.min(below, window.innerHeight - height - EDGE)) : above}px`;
};

const hide = () => {
  clearTimeout(timer);
  const card = cardOf(open);
  if (card?.matches(":popover-open")) card.hidePopover();
  open = null;
};

const show = (marker) => {
  clearTimeout(timer);
  const card = cardOf(marker);
  if (open === marker || !card?.showPopover) return;
  hide();
  open = marker;
  card.showPopover();
  put(marker, card);
};

const later = (what, wait) => {
  clearTimeout(timer);
  timer = setTimeout(what, wait);
};

element.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const marker = event.target.closest(".cite");
  if (marker) later(() => show(marker), SHOW_AFTER);
  else if (event.target.closest(".card")) clearTimeout(timer);
});
element.addEventListener("pointerout", (event) => {
  if (!event.target.closest(".cite, .card")) return;
  later(() => !open?.matches(":focus-visible") && hide(), HIDE_AFTER);
});
element.addEventListener("focusin", (event) => {
  const marker = event.target.closest(".cite:focus-visible");
  if (marker) show(marker);
});
element.addEventListener("focusout", (event) => event.target === open && hide());
element.addEventListener("click", (event) => event.target.closest(".cite") && hide());
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || !open) return;
    hide();
    event.preventDefault(); // this Escape is spent
  },
  true,
);
const moved = () => {
  if (!open) return;
  const at = open.getBoundingClientRect();
  if (!open.isConnected || at.bottom < 0 || at.top > window.innerHeight) hide();
  else put(open, cardOf(open));
};
document.addEventListener("scroll", (event) => !event.target.closest?.(".card") && moved(), {
  capture: true,
  passive: true,
});
window.addEventListener("resize", moved);
watch("value", () => {
  // Drawing the conversation again may have taken the marker away.
  if (open && !cardOf(open)) open = null;
  moved();
});
