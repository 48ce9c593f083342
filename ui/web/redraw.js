// Draws `props.value` into `element` without taking anything from under the reader's hands: what stays in the list
// stays the same node, known by its `data-key`, and nothing is drawn between a press and its release, which would
// make a click hit another button or none. Stands before a component's own script, whose template is empty;
// `redrawn` sets what is called after each drawing. Gradio gives `element`, `props` and `watch`.

const LONGEST_PRESS = 3000; // ms, in case a release is never told
const CLICK_FOLLOWS = 100; // ms after a release; on a touch screen it takes a while
const afterDrawing = [];
let released = 0; // the timer that ends a press; 0 while nothing is pressed
let waits = false; // something is to be drawn once the press is over

const keyOf = (node) => node.dataset?.key;
const alike = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other);

const update = (node, wanted) => {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.nodeValue !== wanted.nodeValue) node.nodeValue = wanted.nodeValue;
    return;
  }
  for (const { name } of [...node.attributes]) if (!wanted.hasAttribute(name)) node.removeAttribute(name);
  for (const { name, value } of wanted.attributes) {
    if (node.getAttribute(name) === value) continue;
    node.setAttribute(name, value);
    if (name === "value") node.value = value;
  }
  updateWithin(node, wanted);
};

const updateWithin = (parent, wanted) => {
  const keys = new Set([...wanted.children].map(keyOf));
  const keyed = new Map();
  for (const child of [...parent.children]) {
    const key = keyOf(child);
    if (key === undefined) continue;
    if (keys.has(key)) keyed.set(key, child);
    else child.remove();
  }
  let at = parent.firstChild;
  for (const next of [...wanted.childNodes]) {
    const known = keyed.get(keyOf(next));
    keyed.delete(keyOf(next));
    const same = known && alike(known, next) ? known : at && alike(at, next) ? at : null;
    if (same === at && at) at = at.nextSibling;
    else parent.insertBefore(same ?? next, at);
    if (same) update(same, next);
  }
  while (at) {
    const rest = at.nextSibling;
    at.remove();
    at = rest;
  }
};

const draw = () => {
  waits = released !== 0;
  if (waits) return;
  const template = document.createElement("template");
  template.innerHTML = props.value ?? "";
  updateWithin(element, template.content);
  for (const after of afterDrawing) after();
};

const release = () => {
  if (!released) return;
  clearTimeout(released);
  released = setTimeout(() => {
    released = 0;
    if (waits) draw();
  }, CLICK_FOLLOWS);
};

element.addEventListener("pointerdown", () => {
  clearTimeout(released);
  released = setTimeout(release, LONGEST_PRESS);
}, true);
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, release, true);

const redrawn = (after) => {
  afterDrawing.push(after);
  draw();
};
watch("value", draw);
