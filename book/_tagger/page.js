// The tagger's form and results: every element with the class polyner-tagger becomes one; with data-small, a short one.
(() => {
  const base = new URL(".", document.currentScript.src);
  const { element, locale, sentence, lattice, summary } = polynerShow;
  const { languages, models, note, problem } = globalThis.polynerTaggers;
  const MOST_WORDS = 150;
  const REGIMES = { monolingual: "Monolingual", polyglot: "Polyglot", fine_tuned: "Fine-tuned" };
  const SCRIPTS = ["Latin", "Arabic", "Cyrillic", "Ethiopic", "Devanagari", "Bengali"].map((name) => [
    name,
    new RegExp(`\\p{Script=${name}}`, "gu"),
  ]);
  const FIRST_SAMPLES = ["eng", "ara", "amh", "rus", "hin", "spa"];

  const codes = Object.keys(languages).filter((code) => Object.keys(languages[code].models).length);
  const ownModels = (code) => Boolean(languages[code].models.monolingual || languages[code].models.fine_tuned);

  function scriptOf(text) {
    const counts = SCRIPTS.map(([name, pattern]) => [name, (text.match(pattern) ?? []).length]);
    const [name, count] = counts.reduce((best, other) => (other[1] > best[1] ? other : best));
    return count ? name : null;
  }

  // The language of a text: by its script and, among languages that share it, by their frequent words. In doubt it is
  // one with models of its own.
  function guess(text) {
    const script = scriptOf(text);
    const candidates = codes.filter((code) => scriptOf(languages[code].samples.join(" ")) === script);
    const words = polynerDecode.words(text.toLowerCase());
    const hits = (code) => words.filter((word) => languages[code].frequent.includes(word)).length;
    const score = (code) => 2 * hits(code) + ownModels(code);
    return candidates.reduce((best, code) => (best && score(best) >= score(code) ? best : code), null) ?? codes[0];
  }

  // What stands in one column: a regime's name, its run, and what there is to say of it.
  function columns(code) {
    const { models: own } = languages[code];
    return Object.entries(REGIMES).map(([regime, name]) => {
      const chosen = own[regime] ?? (regime === "polyglot" ? own.zero_shot : undefined);
      const zeroShot = regime === "polyglot" && !own.polyglot && Boolean(chosen);
      return { regime, name: zeroShot ? "Polyglot, zero-shot" : name, f1: chosen?.f1, run: chosen?.run };
    });
  }

  function facts({ run, f1 }) {
    const { trained_on, size } = models[run];
    const names = trained_on.map((code) => languages[code]?.name ?? code);
    const trained = names.length > 4 ? `${names.length} languages` : names.join(", ");
    const parts = [`Trained on ${trained}`, f1 == null ? "" : `F1 ${f1.toFixed(1)}`, `${Math.round(size / 1000)} kB`];
    const short = element("abbr", { title: run }, run.slice(run.lastIndexOf("-") + 1));
    return element("p", { class: "pt-facts" }, `${parts.filter(Boolean).join(" · ")} · run `, short);
  }

  class Tagger {
    constructor(place) {
      this.small = "small" in place.dataset;
      this.turn = 0;
      this.language = element("select", {}, element("option", { value: "" }, "Detect the language"));
      const groups = [["With models of their own", true], ["Zero-shot: the polyglot model has not seen them", false]];
      for (const [label, own] of groups) {
        const options = codes.filter((code) => ownModels(code) === own);
        const shown = options.map((code) => element("option", { value: code }, languages[code].name));
        if (shown.length) this.language.append(element("optgroup", { label }, ...shown));
      }
      const placeholder = "Type or paste a sentence";
      this.text = element("textarea", { rows: "2", dir: "auto", spellcheck: "false", placeholder });
      this.status = element("p", { role: "status", class: "pt-status" });
      this.samples = element("div", { class: "pt-samples", role: "group", "aria-label": "Sample sentences" });
      this.cards = element("div", { class: "pt-cards" });
      this.lattices = element("div");
      this.form = element(
        "form",
        {},
        element("label", { class: "pt-language" }, element("span", {}, "Language"), this.language),
        element("label", { class: "pt-text" }, element("span", {}, "Sentence"), this.text),
        this.samples,
        element("div", { class: "pt-send" }, element("button", { type: "submit" }, "Find the names"), this.status),
      );
      const caveat = note ? [element("p", { class: "pt-facts" }, note)] : [];
      place.replaceChildren(this.form, ...caveat, this.cards, this.lattices);
      this.listen();
      this.showSamples();
    }

    listen() {
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.run();
      });
      this.text.addEventListener("focus", () => polynerLoad.runtime().catch(() => {}), { once: true });
      this.text.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.run();
      });
      this.language.addEventListener("change", () => {
        this.showSamples();
        if (this.cards.children.length) this.run();
      });
    }

    showSamples() {
      const code = this.language.value;
      const offered = code
        ? languages[code].samples.map((text) => [code, text])
        : FIRST_SAMPLES.filter((first) => codes.includes(first)).map((first) => [first, languages[first].samples[0]]);
      const buttons = offered.slice(0, this.small ? 3 : 6).map(([of, text]) => {
        const words = element("span", { lang: locale(of), dir: "auto" }, text);
        const name = code ? [] : [`${languages[of].name}: `];
        const button = element("button", { type: "button", title: text }, ...name, words);
        button.addEventListener("click", () => {
          this.text.value = text;
          this.run(of);
        });
        return button;
      });
      this.samples.replaceChildren(...buttons);
    }

    // Tag the text in the language that was chosen, that it is known to be in, or that it seems to be in.
    async run(known) {
      const turn = (this.turn += 1);
      const chunks = polynerDecode.chunks(this.text.value, MOST_WORDS);
      const words = chunks.flat();
      if (!words.length) {
        this.status.textContent = "Type a sentence first, or choose a sample.";
        return;
      }
      const code = this.language.value || known || guess(this.text.value);
      this.status.textContent = "Loading the models …";
      const shown = columns(code);
      try {
        for (const column of shown) {
          if (column.run) column.result = await polynerLoad.tag(column.run, words, code);
          if (turn !== this.turn) return;
        }
        this.show(code, chunks, shown);
      } catch (error) {
        if (turn === this.turn) this.status.textContent = `This did not work: ${error.message}.`;
      }
    }

    show(code, chunks, shown) {
      const words = chunks.flat();
      const done = shown.filter(({ result }) => result);
      for (const { result } of done) result.spans = polynerDecode.spans(result.path.map((tag) => result.tags[tag]));
      const tagsAt = (at) => new Set(done.map(({ result }) => result.tags[result.path[at]]));
      const differing = new Set(words.map((_, at) => at).filter((at) => tagsAt(at).size > 1));
      this.cards.replaceChildren(...shown.map((column) => this.card(column, code, chunks, differing)));
      const grids = done.map(({ result, name }) => lattice(result, words, name.toLowerCase(), code));
      const open = [...this.lattices.children].map((grid) => grid.open);
      grids.forEach((grid, at) => (grid.open = Boolean(open[at])));
      if (!this.small) this.lattices.replaceChildren(...grids);
      const guessed = this.language.value ? "" : `Language: ${languages[code].name}. `;
      const all = polynerDecode.words(this.text.value).length;
      const cut = all > words.length ? ` Only the first ${words.length} words were read.` : "";
      this.status.textContent = guessed + summary(done, words, differing) + cut;
    }

    card({ regime, name, run, f1, result }, code, chunks, differing) {
      const card = element("section", { class: `pt-card pt-${regime}`, "aria-label": name }, element("h3", {}, name));
      if (!run) {
        const missing = `This copy of the book has no such model of ${languages[code].name}.`;
        card.append(element("p", { class: "pt-facts" }, missing));
        return card;
      }
      card.append(sentence(result, chunks, differing, code), facts({ run, f1 }));
      return card;
    }
  }

  function begin() {
    document.head.append(element("link", { rel: "stylesheet", href: new URL("tagger.css", base).href }));
    for (const place of document.querySelectorAll(".polyner-tagger")) {
      if (problem) place.replaceChildren(element("p", { class: "pt-problem" }, problem));
      else if (!codes.length) place.replaceChildren(element("p", { class: "pt-problem" }, "There are no models here."));
      else new Tagger(place);
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
