// What the viewer of charts leaves without a name: the menu of each chart, a sign of three dots.
(() => {
  const name = () => {
    for (const menu of document.querySelectorAll(".vega-embed > details > summary:not([aria-label])")) {
      menu.setAttribute("aria-label", "Save this chart");
    }
  };
  new MutationObserver(name).observe(document.documentElement, { childList: true, subtree: true });
})();
