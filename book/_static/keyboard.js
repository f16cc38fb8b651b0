// Legends and marks of charts by keyboard: one stop of Tab for the entries of a chart's legends and one for its marks,
// lists in which the arrow keys move. The focus has an element of the page that lies over the entry or the mark, not
// the entry or the mark itself: Vega draws these anew whenever something is chosen.
(() => {
  const LEGEND = "svg.marks .role-legend-symbol:not([pointer-events=none]) path";
  const charts = new Map(); // element -> {view, spec, marks, lists}

  function middle({ element }) {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { clientX: left + width / 2, clientY: top + height / 2 };
  }

  function point(piece, type, more = {}) {
    const Kind = type.startsWith("pointer") ? PointerEvent : MouseEvent;
    piece.element.dispatchEvent(new Kind(type, { bubbles: true, ...middle(piece), ...more }));
  }

  // The entries of all legends that answer to a click, and whether they are chosen.
  function entries({ element, view, spec }) {
    return [...element.querySelectorAll(LEGEND)].flatMap((symbol) => {
      const { label, value } = symbol.__data__.datum;
      const [, field] = symbol.parentElement.getAttribute("class").match(/(\S+)_legend_symbols/) ?? [];
      const bound = spec.params?.find(({ bind, select }) => bind === "legend" && select.fields.includes(field));
      if (!bound) return [];
      const picked = view.data(`${bound.name}_store`).map(({ values }) => values[0]);
      const words = symbol.parentElement.nextElementSibling ?? symbol;
      const chosen = picked.includes(value);
      const only = chosen && picked.length === 1;
      return [{ element: symbol, also: words, key: `${field}=${value}`, label, chosen, only }];
    });
  }

  // The marks in the order in which one reads: by rows, or by columns where the rows are numbers.
  function marks({ view, spec, marks: drawn }) {
    const linked = spec.usermeta?.polyner?.linked?.length ? Object.entries(view.signal("linked") ?? {}) : null;
    const found = drawn().map(({ element, item }) => {
      const chosen = linked && linked.length > 0 && linked.every(([field, value]) => item.datum[field] === value);
      const { clientX, clientY } = middle({ element });
      const label = element.getAttribute("aria-label");
      return { element, key: item.datum, label, chosen, x: Math.round(clientX), y: Math.round(clientY) };
    });
    const [first, second] = inRows(view) ? ["y", "x"] : ["x", "y"];
    return found.sort((one, other) => one[first] - other[first] || one[second] - other[second]);
  }

  function inRows(view) {
    try {
      return "bandwidth" in view.scale("y");
    } catch {
      return false; // there is no such axis
    }
  }

  // The nearest mark above or below; in the same column or the next row before all others.
  function beside(all, from, down, view) {
    const [across, along] = inRows(view) ? [1, 10] : [10, 1];
    const away = ({ x, y }) => across * Math.abs(x - from.x) + along * Math.abs(y - from.y);
    const there = all.filter(({ y }) => (down ? y > from.y : y < from.y));
    return there.length ? all.indexOf(there.reduce((one, other) => (away(other) < away(one) ? other : one))) : -1;
  }

  function list(chart, name, pieces, press) {
    const box = document.createElement("div");
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", name);
    chart.over.append(box);
    let [all, at, option, told] = [[], 0, null, false];

    // A new element for each step: screen readers say what gets the focus.
    function go(to) {
      const before = option;
      [at, option] = [to, document.createElement("div")];
      option.setAttribute("role", "option");
      option.tabIndex = 0;
      option.addEventListener("keydown", onKey);
      option.addEventListener("click", () => press(all[at], false, chart));
      option.addEventListener("focus", tell);
      option.addEventListener("blur", hush);
      box.append(option);
      lay();
      if (before === document.activeElement) option.focus();
      before?.remove();
    }

    function lay() {
      const { element, also = element, label, chosen } = all[at];
      const boxes = [element, also].map((part) => part.getBoundingClientRect());
      const [frame, edge] = [chart.over.getBoundingClientRect(), (side, of) => of(...boxes.map((each) => each[side]))];
      const [left, top] = [edge("left", Math.min) - frame.left, edge("top", Math.min) - frame.top];
      const [width, height] = [edge("right", Math.max) - frame.left - left, edge("bottom", Math.max) - frame.top - top];
      Object.assign(option.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
      option.setAttribute("aria-label", label);
      option.setAttribute("aria-posinset", at + 1);
      option.setAttribute("aria-setsize", all.length);
      if (typeof chosen === "boolean") option.setAttribute("aria-selected", chosen);
    }

    function tell() {
      point(all[at], "pointermove");
      told = Boolean(all[at].element.__data__.tooltip);
      if (told) option.setAttribute("aria-describedby", "vg-tooltip-element");
    }

    function hush() {
      if (told) point(all[at], "mouseout"); // Vega's own choice of events
      told = false;
    }

    function onKey(event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const [back, on] = [at - 1, at + 1];
      const line = (down) => ("x" in all[at] ? beside(all, all[at], down, chart.view) : down ? on : back);
      if (event.key === "Enter" || event.key === " ") press(all[at], event.shiftKey, chart);
      else if (event.key === "Escape" && told) hush();
      else if (event.key === "Escape" && all[at].only !== undefined && all.some(({ chosen }) => chosen)) clear(chart);
      else {
        const steps = { ArrowLeft: () => back, ArrowRight: () => on, Home: () => 0, End: () => all.length - 1 };
        const to = { ...steps, ArrowUp: () => line(false), ArrowDown: () => line(true) }[event.key]?.();
        if (to === undefined) return;
        if (all[to] && to !== at) go(to);
      }
      event.preventDefault();
      event.stopPropagation();
    }

    // After the chart was drawn anew: the same entry or mark, or what has its place.
    function update() {
      const key = all[at]?.key;
      all = pieces(chart);
      box.hidden = all.length === 0;
      if (box.hidden) return;
      const same = all.findIndex((piece) => piece.key === key);
      at = same < 0 ? Math.min(at, all.length - 1) : same;
      if (option) lay();
      else go(at);
      if (told) tell();
    }

    addEventListener("scroll", () => told && tell(), { passive: true, capture: true });
    return update;
  }

  // A click on the only entry that is chosen chooses it again; here it brings all of them back.
  const pick = (piece, shiftKey) => point(piece, "click", { shiftKey: shiftKey || piece.only });
  const clear = (chart) => point({ element: chart.element.querySelector("svg.marks") }, "click");

  document.addEventListener("chart-drawn", ({ target, detail }) => {
    const known = charts.get(target);
    const chart = Object.assign(known ?? { element: target, over: document.createElement("div") }, detail);
    charts.set(target, chart);
    if (!known) {
      chart.over.className = "polyner-keys";
      target.before(chart.over);
      chart.lists = [
        list(chart, "Legend: Enter shows only this, Shift Enter adds it, Escape shows all", entries, pick),
        list(chart, "Marks of the chart", marks, (piece) => point(piece, "click")),
      ];
      let due = 0;
      const soon = () => {
        cancelAnimationFrame(due);
        due = requestAnimationFrame(() => chart.lists.forEach((update) => update()));
      };
      new MutationObserver(soon).observe(target, { childList: true, subtree: true, attributes: true });
      addEventListener("resize", soon);
    }
    chart.lists.forEach((update) => update());
  });
})();
