"use strict";
// Draw the details of a case, and hold what the table of cases (cases.js) draws with too. Text from cases and documents
// is only ever set as text, never as markup.
const caseDetails = (() => {
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

  const badge = (words, kind) => make("span", { className: `badge ${kind}`, textContent: words });

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

  const scores = (row, metrics) => make("div", { className: "scores" }, ...metrics.map((name, i) =>
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

  // The table row with the details of one case. `passages` are those of the run; `width` is in columns.
  const detail = (row, case_, { id, metrics, passages, width }) => {
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
      ...part("Scores", scores(row, metrics)));
    const why = row.why && make("div", { className: "why" }, make("b", { textContent: "Why it failed: " }), row.why);
    const error = case_.error && !row.why.includes(case_.error) ? paragraph(case_.error, "why") : null;
    const link = make("a", { href: `#case=${encodeURIComponent(row.id)}`, textContent: "Link to this case", className: "quiet" });
    const inner = make("div", { className: "opened" }, why || null, error, make("div", { className: "halves" }, left, right), make("p", {}, link));
    const td = make("td", { colSpan: width }, inner);
    return make("tr", { id, className: "detail" }, td);
  };

  return { make, badge, number, scored, duration, detail };
})();
