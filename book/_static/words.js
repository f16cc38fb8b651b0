// "This chart in words" says what the chart shows now: its title and the numbers of the marks that are drawn, told as
// polyner/charts/words.py tells them of the first view (`described`).
(() => {
  const MOST_NAMED = 24;

  function short(value, percent) {
    const digits = Number((percent ? 100 * value : value).toPrecision(4));
    return `${String(Number(digits.toFixed(6))).replace("-", "−")}${percent ? " %" : ""}`;
  }

  function range(name, values, percent) {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const [least, most, middle] = [Math.min(...values), Math.max(...values), mean].map((value) => short(value, percent));
    return `${name} ${least === most ? least : `${least} to ${most}, mean ${middle}`}`.trim();
  }

  function listed(values) {
    const more = values.length - MOST_NAMED;
    return values.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
  }

  // The rows of the data that marks are drawn of; a row may have several marks.
  function rows(marks, columns) {
    const found = new Map();
    for (const { item } of marks) {
      const row = columns.map((column) => item.datum[column]);
      if (!row.includes(undefined)) found.set(JSON.stringify(row), item.datum);
    }
    return [...found.values()];
  }

  function described(finding, { before, after, columns, field, measure, by, names, percent }, marks) {
    const drawn = rows(marks, columns);
    const places = [...new Set(drawn.map(({ name }) => name).filter(Boolean))];
    const figures = new Map();
    for (const row of drawn) {
      if (typeof row[field] !== "number") continue;
      const name = by.map((column) => row[column]).join(", ");
      figures.set(name, [...(figures.get(name) ?? []), row[field]]);
    }
    const there = names?.filter((name) => figures.has(name)) ?? [];
    const told = there.map((name) => range(name, figures.get(name), percent)).join("; ");
    const sentences = [
      finding && `${finding}.`,
      before,
      places.length && `Languages: ${listed(places)}.`,
      told && `Numbers drawn, ${measure}: ${told}.`,
      after,
    ];
    return sentences.filter(Boolean).join(" ");
  }

  document.addEventListener("chart-drawn", ({ target, detail: { view, spec, marks } }) => {
    const words = spec.usermeta?.polyner?.words;
    if (!words) return;
    let due = 0;
    const tell = () => {
      // Not there yet when a chart is drawn while the page is read.
      const place = target.closest("figure")?.querySelector("figcaption details p");
      const title = target.querySelector("svg.marks .role-title-text text")?.__data__.text ?? "";
      const text = described([title].flat().join(" "), words, marks());
      if (!place || text === place.textContent) return;
      place.textContent = text;
      view.description(text);
    };
    new MutationObserver(() => {
      clearTimeout(due);
      due = setTimeout(tell, 100);
    }).observe(target, { childList: true, subtree: true, attributes: true });
  });
})();
