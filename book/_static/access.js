// What the theme and the viewer of charts leave undone for those who do not see the page, or have no pointer.
(() => {
  // Excerpts of what a search finds would have to be fetched, which browsers refuse where pages are files.
  if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") {
    DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  }

  // The menu of a chart is a sign of three dots; and a layer of marks without a name of its own is no picture by itself.
  const names = () => {
    for (const menu of document.querySelectorAll(".vega-embed > details > summary:not([aria-label])")) {
      menu.setAttribute("aria-label", "Save this chart");
    }
    for (const layer of document.querySelectorAll('svg.marks g[role="graphics-symbol"]:not([aria-label])')) {
      layer.removeAttribute("role");
      layer.removeAttribute("aria-roledescription");
    }
  };
  new MutationObserver(names).observe(document.documentElement, { childList: true, subtree: true });

  // A formula or a piece of code that is wider than the screen can be scrolled with the arrow keys.
  const scrolled = () => {
    for (const box of document.querySelectorAll("div.math, div.highlight pre, div.output, .pst-scrollable-table-container")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  window.addEventListener("load", scrolled);
  // docutils calls the bibliography a list; its entries are none of a list's.
  window.addEventListener("load", () => {
    for (const list of document.querySelectorAll('.citation-list[role="list"]')) list.removeAttribute("role");
  });
  window.addEventListener("resize", scrolled);
})();
