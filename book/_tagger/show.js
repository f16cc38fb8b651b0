// What the models make of a sentence, as parts of the page. Text is only ever put in as text.
(() => {
  const TYPES = {
    PER: "person",
    ORG: "organisation",
    LOC: "location",
    GPE: "country, region or town",
    MISC: "other name",
  };
  const RIGHT_TO_LEFT = /^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}]/u;

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("--")) made.style.setProperty(key, value);
      else if (value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  // ISO 639-3 as browsers want it: the shorter code where there is one.
  const locale = (code) => Intl.getCanonicalLocales(code)[0];
  const hidden = (text) => element("span", { class: "pt-hidden" }, text);
  const decimal = (probability) => probability.toFixed(2);
  const typeName = (type) => TYPES[type] ?? type;

  // p(the word is in an entity of the type | sentence), whichever of B- and I- it has.
  function ofType(result, word, type) {
    return result.tags.reduce((sum, tag, at) => sum + (tag.slice(2) === type ? result.marginals[word][at] : 0), 0);
  }

  // A word's type: that of its tag, or where it has none the most probable one, so that near misses show.
  function typeAndShare(result, word) {
    const own = result.tags[result.path[word]].slice(2);
    const types = own ? [own] : [...new Set(result.tags.map((tag) => tag.slice(2)).filter(Boolean))];
    const shares = types.map((type) => [type, ofType(result, word, type)]);
    return shares.reduce((best, other) => (other[1] > best[1] ? other : best));
  }

  function word(result, at, text, differs) {
    const [type, share] = typeAndShare(result, at);
    const tag = result.path[at];
    return element(
      "span",
      {
        class: `pt-word pt-${type}${differs ? " pt-differs" : ""}`,
        "--share": share.toFixed(3),
        title: `${result.tags[tag]} ${decimal(result.marginals[at][tag])}`,
      },
      text,
    );
  }

  // The sentence with its entities marked. `chunks` are its words, grouped as they stand between blanks.
  function sentence(result, chunks, differing, language) {
    const starts = new Map(result.spans.map((span) => [span.start, span]));
    const line = element("p", { class: "pt-sentence", dir: "auto", lang: locale(language) });
    let open = line;
    let ends = null;
    let at = 0;
    for (const chunk of chunks) {
      chunk.forEach((text, inside) => {
        if (!inside && at) open.append(" ");
        if (starts.has(at)) {
          ends = starts.get(at);
          open = element("mark", { class: `pt-entity pt-${ends.type}` });
          line.append(open);
        }
        open.append(word(result, at, text, differing.has(at)));
        at += 1;
        if (ends && ends.end === at) {
          open.append(label(result, ends));
          open = line;
          ends = null;
        }
      });
    }
    return line;
  }

  function label(result, span) {
    const least = decimal(lowest(result, span));
    const shown = element("span", { "aria-hidden": "true" }, `${span.type} ${least}`);
    return element("span", { class: "pt-label", dir: "ltr" }, shown, hidden(` (${typeName(span.type)}, ${least})`));
  }

  // The lowest marginal of an entity's words: it is at most as sure as its least sure word.
  function lowest(result, span) {
    const words = result.path.slice(span.start, span.end);
    return Math.min(...words.map((tag, inside) => result.marginals[span.start + inside][tag]));
  }

  // All tags of all words with their marginals, and the best path through them; filled when it is opened.
  function lattice(result, words, name, language) {
    const details = element("details", { class: "pt-lattice" }, element("summary", {}, `Label lattice, ${name}`));
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(grid(result, words, name, language));
    });
    return details;
  }

  function grid(result, words, name, language) {
    const head = element("tr", {}, element("th", { scope: "col" }, "tag"));
    const column = { scope: "col", lang: locale(language) };
    words.forEach((text) => head.append(element("th", column, element("bdi", {}, text))));
    const body = element("tbody");
    result.tags.forEach((tag, row) => {
      const heading = element("th", { scope: "row", dir: "ltr" }, tag);
      const line = element("tr", { class: `pt-${tag.slice(2) || "O"}` }, heading);
      words.forEach((_, column) => {
        const share = result.marginals[column][row];
        const onPath = result.path[column] === row;
        const look = { class: onPath ? "pt-path" : undefined, "--share": share.toFixed(3) };
        const cell = element("td", look, decimal(share));
        if (onPath) cell.append(hidden(" best path"));
        line.append(cell);
      });
      body.append(line);
    });
    const direction = RIGHT_TO_LEFT.test(words.join(" ")) ? "rtl" : "ltr";
    const table = element("table", { dir: direction }, element("thead", {}, head), body);
    const note = "p(tag | sentence) of each word; the most probable sequence of tags is framed.";
    const box = { class: "pt-grid", tabindex: "0", role: "region", "aria-label": `Label lattice, ${name}` };
    return element("div", box, element("p", {}, note), table);
  }

  // What was found, in words.
  function summary(results, words, differing) {
    const counts = results.map(({ name, result }) => `${name.toLowerCase()} ${result.spans.length}`);
    const names = `Names found: ${counts.join(", ")}.`;
    if (results.length < 2) return names;
    const listed = [...differing].slice(0, 6).map((at) => `“${words[at]}”`);
    const more = differing.size > 6 ? " and others" : "";
    if (!differing.size) return `${names} They agree on every word.`;
    return `${names} They differ about ${listed.join(", ")}${more}.`;
  }

  globalThis.polynerShow = { element, locale, sentence, lattice, summary };
})();
