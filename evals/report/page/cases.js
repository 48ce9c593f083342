"use strict";
// Show the table of cases: filter, sort and page it, and open a row's details (case_details.js). Text from cases and
// documents is only ever set as text, never as markup.
(() => {
  const { make, badge, number, scored, duration, detail } = caseDetails;
  const PAGE = 50;
  const parse = (id) => JSON.parse(document.getElementById(id).textContent);
  const { rows, metrics, shown } = parse("case-rows");
  let details = null; // parsed when a first row is opened
  const section = document.getElementById("cases-section");
  const table = document.getElementById("cases");
  const field = (name) => document.getElementById(`filter-${name}`);
  const state = { sort: null, descending: false, page: 0, open: new Set(), columns: new Set(shown) };
  let found = [];

  const tone = (row) => (row.failed ? "wrong" : row.refused ? "warn" : "good");

  const columns = () => [
    { key: "id", label: "case", get: (row) => row.id, class: "id" },
    { key: "question", label: "question", get: (row) => row.question, class: "question" },
    { key: "tags", label: "tags", get: (row) => row.tags.join(", "), class: "tags" },
    { key: "outcome", label: "outcome", get: (row) => row.outcome, class: "outcome" },
    ...metrics
      .map((name, i) => ({ key: `score:${name}`, label: name, get: (row) => row.scores[i], show: scored }))
      .filter((column) => state.columns.has(column.label)),
    { key: "confidence", label: "confidence", get: (row) => row.confidence, show: (v) => number(v, 2) },
    { key: "seconds", label: "time", get: (row) => row.seconds, show: duration },
  ];

  const searched = new Map(); // lower-cased text of each row, made on the first search
  const text = (row) => {
    if (!searched.has(row)) {
      searched.set(row, [row.id, row.question, row.answer, row.why, ...row.tags].join("\n").toLowerCase());
    }
    return searched.get(row);
  };
  const statuses = {
    all: () => true,
    failed: (row) => row.failed,
    crashed: (row) => row.crashed,
    refused: (row) => row.refused,
    passed: (row) => !row.failed,
  };

  const choose = () => {
    const words = field("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const tag = field("tag").value;
    const status = statuses[field("status").value];
    found = rows.filter((row) =>
      status(row) && (!tag || row.tags.includes(tag.slice(1))) && words.every((word) => text(row).includes(word)));
    const column = columns().find((each) => each.key === state.sort);
    if (column) {
      const way = state.descending ? -1 : 1;
      const keyed = found.map((row) => [column.get(row), row]);
      // What has no value comes last either way.
      keyed.sort(([a], [b]) => {
        const none = (v) => v === null || v === undefined || v === "";
        if (none(a) || none(b)) return none(a) - none(b);
        return way * (typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true }));
      });
      found = keyed.map(([, row]) => row);
    }
    state.page = Math.min(state.page, Math.max(0, Math.ceil(found.length / PAGE) - 1));
  };

  const header = () => {
    const cells = columns().map((column) => {
      const sorted = state.sort === column.key;
      const button = make("button", { type: "button", textContent: column.label });
      button.dataset.sort = column.key;
      button.addEventListener("click", () => {
        state.descending = sorted && !state.descending;
        state.sort = column.key;
        state.page = 0;
        draw();
        table.tHead.querySelector(`[data-sort="${CSS.escape(column.key)}"]`).focus();
      });
      const order = sorted ? (state.descending ? "descending" : "ascending") : "none";
      return make("th", { scope: "col", className: column.show ? "number" : "", "aria-sort": order }, button);
    });
    table.tHead.replaceChildren(make("tr", {}, ...cells));
  };

  const cell = (column, row) => {
    const value = column.get(row);
    if (column.key === "outcome") return make("td", { className: column.class }, badge(value, tone(row)));
    const shown = column.show ? column.show(value) : value;
    return make("td", { className: column.show ? "number" : column.class, textContent: shown });
  };

  const line = (row, position) => {
    const open = state.open.has(row);
    const button = make("button", { type: "button", textContent: row.id, "aria-expanded": String(open) });
    const first = make("td", { className: "id" }, button);
    const tr = make("tr", { className: "case" }, first, ...columns().slice(1).map((column) => cell(column, row)));
    tr.dataset.case = row.id;
    tr.addEventListener("click", (event) => {
      if (!event.target.closest("button") && String(getSelection())) return; // selecting text is not opening
      toggle(row, tr, button, position);
    });
    return tr;
  };

  const opened = (row, id) => {
    details ??= parse("case-details");
    const { cases, passages } = details;
    return detail(row, cases[rows.indexOf(row)], { id, metrics, passages, width: columns().length });
  };

  const toggle = (row, tr, button, position) => {
    const id = `detail-${position}`;
    if (state.open.delete(row)) {
      document.getElementById(id)?.remove();
    } else {
      state.open.add(row);
      tr.after(opened(row, id));
    }
    button.setAttribute("aria-expanded", String(state.open.has(row)));
    button.setAttribute("aria-controls", id);
  };

  const draw = () => {
    choose();
    header();
    const first = state.page * PAGE;
    const visible = found.slice(first, first + PAGE);
    const body = visible.flatMap((row, i) => {
      const tr = line(row, first + i);
      return state.open.has(row) ? [tr, opened(row, `detail-${first + i}`)] : [tr];
    });
    if (!body.length) {
      body.push(make("tr", {}, make("td", { colSpan: columns().length, className: "none", textContent: "No case fits these filters." })));
    }
    table.tBodies[0].replaceChildren(...body);
    const count = found.length.toLocaleString("en");
    document.getElementById("case-count").textContent = found.length
      ? `${first + 1}–${first + visible.length} of ${count}${found.length < rows.length ? ` (of ${rows.length.toLocaleString("en")} cases)` : ""}`
      : `0 of ${rows.length.toLocaleString("en")} cases`;
    document.getElementById("previous").disabled = state.page === 0;
    document.getElementById("next").disabled = first + PAGE >= found.length;
  };

  // ---- a case named in the address

  const go = () => {
    const match = /^#case=(.+)$/.exec(location.hash);
    if (!match) return;
    let id = match[1];
    try { id = decodeURIComponent(id); } catch { /* as it stands */ }
    const row = rows.find((each) => each.id === id);
    if (!row) return;
    if (!found.includes(row)) {
      for (const [name, value] of [["text", ""], ["tag", ""], ["status", "all"]]) field(name).value = value;
      choose();
    }
    state.open.add(row);
    state.page = Math.floor(found.indexOf(row) / PAGE);
    draw();
    table.querySelector(`[data-case="${CSS.escape(id)}"]`).scrollIntoView({ block: "start" });
  };

  // ---- beginning

  for (const tag of [...new Set(rows.flatMap((row) => row.tags))].sort((a, b) => a.localeCompare(b))) {
    // The leading character keeps a tag that is empty apart from "any tag".
    field("tag").append(make("option", { value: `=${tag}`, textContent: tag }));
  }
  const anew = () => { state.page = 0; draw(); };
  let pause = 0;
  field("text").addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(anew, 120); });
  field("tag").addEventListener("change", anew);
  field("status").addEventListener("change", anew);
  const turn = (by) => { state.page += by; draw(); section.scrollIntoView({ block: "start" }); };
  document.getElementById("previous").addEventListener("click", () => turn(-1));
  document.getElementById("next").addEventListener("click", () => turn(1));
  const chooser = document.getElementById("columns");
  chooser.append(...metrics.map((name) => {
    const box = make("input", { type: "checkbox", checked: state.columns.has(name) });
    box.addEventListener("change", () => {
      if (box.checked) state.columns.add(name); else state.columns.delete(name);
      draw();
    });
    return make("label", {}, box, name);
  }));
  section.hidden = false;
  draw();
  go();
  addEventListener("hashchange", go);

  // The tags plot for another metric.
  const select = document.getElementById("tag-metric");
  if (select) {
    const show = () => {
      for (const plot of document.querySelectorAll("[data-tag-metric]")) plot.hidden = plot.dataset.tagMetric !== select.value;
    };
    select.closest("label").hidden = false;
    select.addEventListener("change", show);
  }
})();
