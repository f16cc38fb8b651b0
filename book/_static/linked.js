// Rows of tables and marks of charts that say the same are chosen together, and sliders of one name move together.
//
// A table says in `data-rows` what its rows are about: records such as {"model": "byte-crf", "language": "eng"}. A
// chart names the fields of its marks in its metadata (usermeta.polyner: linked, menus, shared) and has a parameter
// `linked`, the chosen record. Two records say the same where they agree on every field that both have.
(() => {
  const views = new Map(); // element -> {view, spec, about}
  const shared = {}; // name of a slider -> its value
  let chosen = {};

  const isRecord = (record) => Object.keys(record).length > 0;
  const same = (one, other) => JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

  function matches(record) {
    const common = Object.keys(chosen).filter((field) => field in record);
    return common.length > 0 && common.every((field) => record[field] === chosen[field]);
  }

  function choose(record) {
    chosen = same(record, chosen) ? {} : record;
    for (const [element, chart] of views) {
      if (element.isConnected) show(chart);
    }
    mark();
    tell();
  }

  // In a chart: faint what is not chosen. A menu follows where it has what is chosen: another study's may not.
  function show({ view, spec, about }) {
    if (!about.linked) return;
    for (const [field, signal] of Object.entries(about.menus ?? {})) {
      const menu = spec.params.find(({ name }) => name === signal);
      if (menu.bind.options.includes(chosen[field])) view.signal(signal, chosen[field]);
    }
    const fields = about.linked.filter((field) => field in chosen);
    view.signal("linked", Object.fromEntries(fields.map((field) => [field, chosen[field]]))).runAsync();
  }

  function mark() {
    for (const { row, record } of rows()) row.setAttribute("aria-selected", String(matches(record)));
  }

  function* rows() {
    for (const table of document.querySelectorAll("table[data-rows]")) {
      const records = JSON.parse(table.dataset.rows);
      for (const [position, row] of [...table.tBodies[0].rows].entries()) yield { row, record: records[position] };
    }
  }

  // What is chosen, in words, with a way back. Read out by screen readers.
  function tell() {
    // The first of the rows that have most in common with what is chosen; not of a study that is out of view.
    const common = ({ record }) => Object.keys(chosen).filter((field) => field in record).length;
    const inView = (row) => row.closest(".polyner-of")?.checkVisibility({ visibilityProperty: true }) ?? true;
    const marked = [...rows()].filter(({ row }) => row.getAttribute("aria-selected") === "true" && inView(row));
    const [found] = marked.sort((one, other) => common(other) - common(one));
    const names = JSON.parse(found?.row.closest("table").dataset.names ?? "{}");
    status.hidden = !isRecord(chosen);
    words.textContent = isRecord(chosen)
      ? `Chosen: ${Object.values(chosen).map((value) => names[value] ?? value).join(", ")}`
      : "";
    toTable.hidden = !found;
    toTable.onclick = () => {
      for (let fold = found.row.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      focus(found.row);
      found.row.scrollIntoView({ block: "center" });
    };
  }

  const status = document.createElement("div");
  const words = document.createElement("span");
  const toTable = document.createElement("button");
  const clear = document.createElement("button");
  status.className = "polyner-chosen";
  status.hidden = true;
  words.setAttribute("role", "status");
  [toTable.type, clear.type] = ["button", "button"];
  [toTable.textContent, clear.textContent] = ["Show in the table", "Clear (Esc)"];
  clear.onclick = () => choose({});
  status.append(words, toTable, clear);

  // One row of a table is reached by Tab, the others from it by the arrow keys.
  function focus(row) {
    for (const other of row.parentElement.rows) other.tabIndex = -1;
    row.tabIndex = 0;
    row.focus();
  }

  function onKey(event, row, record) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = [...row.parentElement.rows];
    const to = { ArrowDown: all.indexOf(row) + 1, ArrowUp: all.indexOf(row) - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") choose(record);
    else if (to === undefined) return;
    else if (all[to]) focus(all[to]);
    event.preventDefault();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.body.append(status);
    for (const table of document.querySelectorAll("table[data-rows]")) {
      table.setAttribute("role", "grid");
      // The rows can be reached, so that the box that scrolls need not be.
      table.closest(".polyner-scroll")?.removeAttribute("tabindex");
    }
    const seen = new Set();
    for (const { row, record } of rows()) {
      row.tabIndex = seen.has(row.parentElement) ? -1 : 0;
      seen.add(row.parentElement);
      row.setAttribute("aria-selected", "false");
      row.addEventListener("click", () => {
        if (String(getSelection())) return; // text is being marked
        focus(row);
        choose(record);
      });
      row.addEventListener("keydown", (event) => onKey(event, row, record));
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isRecord(chosen)) choose({});
  });

  // The row that is pointed to is one of the study in view.
  document.addEventListener("change", (event) => {
    if (event.target.closest(".polyner-collections")) tell();
  });

  document.addEventListener("chart-drawn", ({ target, detail: { view, spec } }) => {
    const about = spec.usermeta?.polyner ?? {};
    const chart = { view, spec, about };
    views.set(target, chart);
    if (isRecord(chosen)) show(chart);
    if (about.linked?.length) {
      view.addEventListener("click", (event, item) => {
        const datum = item?.datum ?? {};
        const fields = about.linked.filter((field) => typeof datum[field] === "string");
        const record = Object.fromEntries(fields.map((field) => [field, datum[field]]));
        if (isRecord(record)) choose(record);
      });
    }
    for (const name of about.shared ?? []) {
      if (name in shared) view.signal(name, shared[name]).runAsync();
      view.addSignalListener(name, (_, value) => {
        if (shared[name] === value) return;
        shared[name] = value;
        for (const { view: other, about: { shared: names = [] } } of views.values()) {
          if (other !== view && names.includes(name)) other.signal(name, value).runAsync();
        }
      });
    }
  });
})();
