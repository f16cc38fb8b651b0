// Charts in the colours of the page: drawn for the theme the reader has, and again when the reader switches.
(() => {
  const drawn = new Map(); // element -> {embed, spec, options, result}

  // Vega-Lite warns of every chart that is as wide as the page and has a fixed height for each row. That is meant, and
  // Vega-Embed gives no other way to say so.
  const warn = console.warn.bind(console);
  console.warn = (...message) => {
    if (!message.some((part) => String(part).includes('Dropping "fit-y"'))) warn(...message);
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

  function draw(element) {
    const chart = drawn.get(element);
    const config = { ...chart.spec.config, background: "transparent" };
    for (const [part, colours] of Object.entries(ink())) {
      const known = Object.entries(colours).filter(([, value]) => value !== ""); // no theme yet: the chart's own grey
      config[part] = { ...config[part], ...Object.fromEntries(known) };
    }
    chart.result = chart.embed(element, { ...chart.spec, config }, chart.options);
    return chart.result;
  }

  window.embedChart = (embed, element, spec, options) => {
    const target = typeof element === "string" ? document.querySelector(element) : element;
    const actions = { export: { svg: true, png: true }, source: true, compiled: false, editor: false };
    drawn.set(target, { embed, spec, options: { renderer: "svg", actions, ...options } });
    return draw(target);
  };

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
      if (old) old.finalize();
      draw(element);
    }
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
