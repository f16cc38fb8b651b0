// What can only be seen inside a page: read by the browser tests, each function called with page.evaluate.
(() => {
  const name = (element) => {
    const label = element.id ? `#${element.id}` : [...element.classList].map((part) => `.${part}`).join("");
    const text = (element.getAttribute("aria-label") || element.textContent || "").trim().replace(/\s+/g, " ");
    return `${element.localName}${label} ${JSON.stringify(text.slice(0, 40))}`;
  };
  const visible = (element) =>
    element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }) && element.getClientRects().length > 0;

  // The box around the element that can be scrolled sideways, or ends in three dots on purpose.
  const boxOf = (element) => {
    for (let box = element.parentElement; box && box !== document.documentElement; box = box.parentElement) {
      const { overflowX, textOverflow } = getComputedStyle(box);
      if (["auto", "scroll"].includes(overflowX) || textOverflow === "ellipsis") return box;
    }
    return null;
  };

  window.siteChecks = {
    charts: () => document.querySelectorAll('.vega-embed, [id^="altair-viz"]').length,

    drawn: () =>
      document.readyState === "complete" &&
      [...document.querySelectorAll('.vega-embed, [id^="altair-viz"]')].every((chart) =>
        chart.querySelector("svg.marks .role-mark > *"),
      ),

    // The choices of a study of which not one is in view, or which are not of as many studies as there are.
    choices: () => {
      const known = (parts) => new Set(parts.map((part) => part.className)).size;
      return [...document.querySelectorAll("fieldset.polyner-collections")]
        .filter((choice) => {
          const parts = [...choice.closest(".cell_output").querySelectorAll(".polyner-of")];
          return known(parts.filter(visible)) !== 1 || known(parts) !== choice.elements.length;
        })
        .map(name);
    },

    // How far the page is wider than the screen.
    overflow: () => document.documentElement.scrollWidth - window.innerWidth,

    // What reaches out of the screen, or out of the chart it belongs to, with no way to see the rest.
    cutOff: () => {
      const found = [];
      for (const element of document.querySelectorAll("body :not(script, style, svg *)")) {
        const { left, right, width, height } = element.getBoundingClientRect();
        if (width < 2 || height < 2 || !visible(element)) continue;
        if (element.closest(".visually-hidden, .sr-only, .skip-link, #pst-skip-link, dialog:not([open])")) continue;
        const box = boxOf(element);
        // What is left of where a box begins cannot be scrolled to.
        const unreachable = box && left < box.getBoundingClientRect().left - box.scrollLeft - 1;
        if (unreachable || (!box && (right > window.innerWidth + 1 || left < -1))) found.push(name(element));
      }
      for (const svg of document.querySelectorAll("svg.marks")) {
        const frame = svg.getBoundingClientRect();
        for (const text of svg.querySelectorAll("text")) {
          const { left, right, top, bottom, width } = text.getBoundingClientRect();
          if (!width || !visible(text)) continue;
          const out = Math.max(frame.left - left, right - frame.right, frame.top - top, bottom - frame.bottom);
          if (out > 2) found.push(`in a chart: ${JSON.stringify(text.textContent)} by ${Math.round(out)} px`);
        }
      }
      return found;
    },

    // Labels of one axis that lie upon one another.
    overlapping: () => {
      const found = [];
      for (const axis of document.querySelectorAll("svg.marks .role-axis-label")) {
        const labels = [...axis.querySelectorAll("text")].filter((label) => label.textContent && visible(label));
        const turned = labels.some((label) => /rotate/.test(label.getAttribute("transform") || ""));
        for (let i = 1; i < labels.length && !turned; i++) {
          const [a, b] = [labels[i - 1], labels[i]].map((label) => label.getBoundingClientRect());
          const [across, down] = [
            Math.min(a.right, b.right) - Math.max(a.left, b.left),
            Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top),
          ];
          if (across > 2 && down > 4) found.push(`${labels[i - 1].textContent} on ${labels[i].textContent}`);
        }
      }
      return found;
    },

    // Words of charts that have no colour: the theme's ink was not there when they were drawn.
    inkless: () =>
      [...document.querySelectorAll("svg.marks :is(.role-axis-label, .role-legend-label) text")]
        .filter((label) => label.textContent && !label.getAttribute("fill"))
        .map((label) => label.textContent),

    // The controls that a reader can see and use; each gets a number by which it is known again.
    controls: () => {
      const selector =
        "a[href], button, input, select, textarea, summary, audio[controls], [contenteditable=true], [tabindex]";
      return [...document.querySelectorAll(selector)]
        .filter((element) => element.tabIndex >= 0 && !element.disabled && element.type !== "hidden")
        .filter((element) => visible(element) && !element.closest("[inert], details:not([open]) > :not(summary)"))
        .filter((element) => element.type !== "radio" || element.checked)
        .map((element, number) => {
          element.dataset.control = number;
          return name(element);
        });
    },

    // The number and the name of what has the focus, and whether one sees that it has it: it, or a box just around it,
    // looks otherwise without.
    focused: () => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const boxes = [element, element.parentElement, element.parentElement?.parentElement].filter(Boolean);
      const look = () =>
        boxes
          .flatMap((box) => [getComputedStyle(box), getComputedStyle(box, "::after")])
          .map((style) => [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor].join(" "))
          .join();
      const shown = visible(element);
      const focused = look();
      element.blur();
      const marked = look() !== focused;
      element.focus({ preventScroll: true });
      return { number: element.dataset.control ?? null, name: name(element), seen: marked && shown };
    },
  };
})();
