"use strict";
// The table of cases: filtered, sorted and paged here, a row's details made when it is opened. Text from
// cases and documents is only ever set as text, never as markup.
(() => {
  const PAGE = 50;
  const parse = (id) => JSON.parse(document.getElementById(id).textContent);
  const { rows, metrics, shown } = parse("case-rows");
  let opened = null; // the details, parsed when first needed
  const section = document.getElementById("cases-section");
  const table = document.getElementById("cases");
  const field = (name) => document.getElementById(`filter-${name}`);
  const state = { sort: null, descending: false, page: 0, open: new Set(), columns: new Set(shown) };
  let found = [];

  const make = (name, properties = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key in node) node[key] = value;
      else node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };
  const number = (value, digits) => (value === null || value === undefined ? "–" : value.toFixed(digits));
  const scored = (value) => number(value, Math.abs(value) >= 100 ? 0 : 3);
  const duration = (s) => (s === null ? "–" : s < 1 ? `${Math.round(s * 1000)} ms` : `${s.toFixed(2)} s`);
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

  const badge = (words, kind) => make("span", { className: `badge ${kind}`, textContent: words });

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

  const toggle = (row, tr, button, position) => {
    const id = `detail-${position}`;
    if (state.open.delete(row)) {
      document.getElementById(id)?.remove();
    } else {
      state.open.add(row);
      tr.after(detail(row, id));
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
      return state.open.has(row) ? [tr, detail(row, `detail-${first + i}`)] : [tr];
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

  // ---- the details of a case

  const part = (title, ...children) => (children.some(Boolean) ? [make("h4", { textContent: title }), ...children.filter(Boolean)] : []);
  const paragraph = (words, className = "") => (words ? make("p", { textContent: words, className }) : null);
  const list = (items) => (items.length ? make("ul", {}, ...items.map((item) => make("li", { textContent: item }))) : null);

  // Marks count characters as Python does: code points, not UTF-16 units.
  const marked = (words, marks, className) => {
    const points = Array.from(words);
    const slice = (a, b) => points.slice(a, b).join("");
    const out = make("div", { className: "words" });
    let at = 0;
    for (const [start, end] of [...marks].sort((a, b) => a[0] - b[0])) {
      if (end <= at) continue;
      out.append(slice(at, Math.max(at, start)), make("mark", { className, textContent: slice(Math.max(at, start), end) }));
      at = end;
    }
    out.append(slice(at));
    return out;
  };

  const origin = (passage) => {
    const about = Object.values(passage.about ?? {});
    const place = passage.end === undefined ? null : `characters ${passage.start}–${passage.end}`;
    const source = passage.source && passage.source !== passage.title ? passage.source : null;
    return [...about, source, place].filter(Boolean).join(" · ");
  };
  const named = (passage) => passage.title || passage.source || passage.document;

  const claims = (case_, row) => {
    if (!case_.claims.length) return paragraph(row.answer || (row.crashed ? "No answer came." : "–"), "said");
    const verdicts = { supported: "good", partly: "warn", unsupported: "wrong" };
    return make("div", { className: "said" }, ...case_.claims.map((claim) => {
      const markers = claim.citations.map((marker) => `[${marker}]`).join("");
      const verdict = claim.verdict ? badge(claim.verdict, verdicts[claim.verdict] ?? "") : null;
      if (verdict && claim.reason) verdict.title = claim.reason;
      return make("p", {}, `${claim.text} ${markers} `, verdict);
    }));
  };

  const citations = (case_, passages) => case_.citations.map((citation) => {
    const passage = passages[citation.passage];
    const head = make("header", {}, make("b", { textContent: `[${citation.marker}] ${named(passage)} ` }), origin(passage));
    return make("div", { className: "passage" }, head, marked(passage.text, citation.marks, "cited"));
  });

  const gold = (case_) => case_.gold.map((span) => {
    const head = make("header", {}, make("b", { textContent: `${named(span)} ` }), origin(span));
    const words = span.text ? marked(span.text, [[0, Infinity]], "gold") : null;
    return make("div", { className: "passage is-gold" }, head, words);
  });

  const hits = (case_, passages) => case_.hits.map((hit, i) => {
    const passage = passages[hit.passage];
    const ranks = Object.entries(hit.ranks).map(([side, rank]) => `${side} ${rank}`);
    const score = hit.score === null || hit.score === undefined ? [] : [`score ${number(hit.score, 3)}`];
    const summary = make("summary", {},
      make("b", { textContent: `${i + 1}. ${named(passage)} ` }),
      hit.gold ? badge("gold", "good") : null,
      ` ${[...ranks, ...score, origin(passage)].filter(Boolean).join(" · ")}`);
    return make("details", { className: hit.gold ? "passage is-gold" : "passage" }, summary, marked(passage.text, hit.marks, "gold"));
  });

  const scores = (row) => make("div", { className: "scores" }, ...metrics.map((name, i) =>
    make("div", {}, make("span", { textContent: `${name} ` }), scored(row.scores[i]))));

  const facts = (case_, row) => {
    const told = [
      case_.answerable ? "answerable" : "not answerable from the documents",
      case_.as_of && `asked ${case_.as_of}`,
      case_.group && `group ${case_.group}`,
      case_.query && case_.query !== row.question && `searched as “${case_.query}”`,
      row.confidence !== null && `confidence ${number(row.confidence, 2)}`,
      ...Object.entries(case_.timings).map(([stage, s]) => `${stage} ${duration(s)}`),
    ];
    return paragraph(told.filter(Boolean).join(" · "), "quiet");
  };

  const detail = (row, id) => {
    opened ??= parse("case-details");
    const case_ = opened.cases[rows.indexOf(row)];
    const { passages } = opened;
    const expected = case_.references.length || case_.answerable ? list(case_.references) : paragraph("A refusal: the documents do not answer it.");
    const history = case_.history.flatMap((turn) => [paragraph(`Asked: ${turn.question}`, "turn"), paragraph(`Answered: ${turn.answer}`, "turn")]);
    const found = case_.hits.length
      ? paragraph(case_.first_gold ? `Gold first at rank ${case_.first_gold} of ${case_.hits.length}.`
        : case_.gold.length ? `Gold not among the ${case_.hits.length} retrieved.` : "", "quiet")
      : null;
    const left = make("div", {},
      ...part("Question", ...history, paragraph(row.question, "said"), facts(case_, row)),
      ...part("Reference answers", expected),
      ...part("Answer", claims(case_, row)),
      ...part("Citations in context", ...citations(case_, passages)));
    const right = make("div", {},
      ...part("Gold evidence", ...gold(case_)),
      ...part("Retrieved", found, ...hits(case_, passages)),
      ...part("Scores", scores(row)));
    const why = row.why && make("div", { className: "why" }, make("b", { textContent: "Why it failed: " }), row.why);
    const error = case_.error && !row.why.includes(case_.error) ? paragraph(case_.error, "why") : null;
    const link = make("a", { href: `#case=${encodeURIComponent(row.id)}`, textContent: "Link to this case", className: "quiet" });
    const inner = make("div", { className: "opened" }, why || null, error, make("div", { className: "halves" }, left, right), make("p", {}, link));
    const td = make("td", { colSpan: columns().length }, inner);
    return make("tr", { id, className: "detail" }, td);
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
