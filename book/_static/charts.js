// Charts in the colours of the page: drawn for the theme the reader has, and again when the reader switches.
// Every chart that is drawn is announced by the event "chart-drawn".
(() => {
  const drawn = new Map(); // element -> {embed, spec, options, result}
  const MARKS = ".mark-symbol, .mark-rect, .mark-rule";
  document.documentElement.classList.add("polyner-live"); // the pictures of charts are for readers without scripts

  // Vega-Lite warns of every chart that is as wide as the page and has a fixed height for each row, and Vega of a layer
  // that a click on a legend leaves empty. Both are meant, and Vega-Embed gives no other way to say so.
  const meant = ['Dropping "fit-y"', "Infinite extent for field"];
  const warn = console.warn.bind(console);
  console.warn = (...message) => {
    if (!message.some((part) => meant.some((words) => String(part).includes(words)))) warn(...message);
  };

  // The page's ink for a chart's words: its own is a grey that has to do for black and for white.
  function ink() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--pst-color-${name}`).trim();
    const [text, muted] = [colour("text-base"), colour("text-muted")];
    const lines = { domainColor: muted, tickColor: muted, gridColor: muted, gridOpacity: 0.25 };
    return {
      axis: { labelColor: muted, titleColor: muted, ...lines },
      header: { labelColor: text, titleColor: text },
      legend: { labelColor: text, titleColor: text },
      title: { color: text, subtitleColor: muted },
      text: { color: text },
    };
  }

  // The marks that say something, each once, though it may be drawn twice: a point, and the ring around it.
  function marks(element) {
    const found = new Map();
    for (const mark of element.querySelectorAll(`svg.marks .role-mark:is(${MARKS}) > *`)) {
      const item = mark.__data__;
      if (!item?.tooltip || item.datum.heading) continue;
      const said = JSON.stringify([item.tooltip, Math.round(item.x), Math.round(item.y)]);
      if (!found.has(said)) found.set(said, { element: mark, item });
    }
    return [...found.values()];
  }

  function draw(element, values = {}) {
    const chart = drawn.get(element);
    const config = { ...chart.spec.config, background: "transparent" };
    for (const [part, colours] of Object.entries(ink())) {
      const known = Object.entries(colours).filter(([, value]) => value !== ""); // no theme yet: the chart's own grey
      config[part] = { ...config[part], ...Object.fromEntries(known) };
    }
    // A phone has room for two entries of a legend side by side.
    if (element.clientWidth < 420) config.legend = { ...config.legend, columns: 2 };
    chart.result = chart.embed(element, { ...chart.spec, config }, chart.options).then((result) => {
      for (const [name, value] of Object.entries(values)) result.view.signal(name, value);
      const detail = { view: result.view, spec: chart.spec, marks: () => marks(element) };
      element.dispatchEvent(new CustomEvent("chart-drawn", { bubbles: true, detail }));
      // Titles and legends break by the width that is known only now: what they need above the chart is measured again.
      return result.view.resize().runAsync().then(() => result);
    });
    // Where a chart cannot be drawn, its picture takes its place.
    chart.result.catch(() => element.closest("figure")?.classList.add("polyner-not-drawn"));
    return chart.result;
  }

  window.embedChart = (embed, element, spec, options) => {
    const target = typeof element === "string" ? document.querySelector(element) : element;
    const actions = { export: { svg: true, png: true }, source: true, compiled: false, editor: false };
    drawn.set(target, { embed, spec, options: { renderer: "svg", actions, ...options } });
    return draw(target);
  };

  // What the reader chose in menus and with sliders.
  function chosen(view, spec) {
    const names = (spec.params ?? []).filter((param) => "value" in param).map((param) => param.name);
    return Object.fromEntries(names.map((name) => [name, view.signal(name)]));
  }

  // A chart as wide as the page is laid out anew with it, but the room that its title needs is not measured again.
  let resized = 0;
  window.addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(async () => {
      for (const chart of drawn.values()) {
        const result = await chart.result.catch(() => null);
        if (result) await result.view.resize().runAsync();
      }
    }, 20);
  });

  // Pictures are loaded when they come into view, and on paper all of them are.
  window.addEventListener("beforeprint", () => {
    for (const picture of document.querySelectorAll("img.polyner-picture")) picture.loading = "eager";
  });

  // The theme takes a page's contents away while wide tables or code are in view, and stumbles where a page has none.
  document.addEventListener("DOMContentLoaded", () => {
    if (document.querySelector("div.bd-sidebar-secondary")) return;
    const none = document.createElement("div");
    none.className = "bd-sidebar-secondary";
    none.style.display = "none";
    document.body.append(none);
  });

  // The theme is set by a script of its own, which may run after the first chart is drawn.
  let before = JSON.stringify(ink());
  new MutationObserver(async () => {
    const now = JSON.stringify(ink());
    if (now === before) return;
    before = now;
    for (const [element, chart] of drawn) {
      const old = await chart.result.catch(() => null);
      const values = old ? chosen(old.view, chart.spec) : {};
      if (old) old.finalize();
      draw(element, values);
    }
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
