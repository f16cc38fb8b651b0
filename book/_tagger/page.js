// The tagger's form and results: every element with the class polyner-tagger becomes one; with data-small, a short one.
(() => {
  const base = new URL(".", document.currentScript.src);
  const { element, locale, sentence, lattice, summary } = polynerShow;
  const MOST_WORDS = 150;
  const REGIMES = { monolingual: "Monolingual", polyglot: "Polyglot", fine_tuned: "Fine-tuned" };

  // The taggers of one study: its manifest, and what follows from it.
  class Study {
    constructor({ title, languages, models }) {
      Object.assign(this, { title, languages, models });
      this.codes = Object.keys(languages).filter((code) => Object.keys(languages[code].models).length);
      this.learnt = [...new Set(Object.values(models).flatMap((model) => model.trained_on))];
      // Languages with models of their own come first: they are taken in doubt.
      const ownFirst = [...this.codes].sort((one, other) => this.hasOwn(other) - this.hasOwn(one));
      this.guessable = Object.fromEntries(ownFirst.map((code) => [code, languages[code]]));
    }

    hasOwn(code) {
      const { models } = this.languages[code];
      return Boolean(models.monolingual || models.fine_tuned);
    }

    hasAll(code) {
      return Object.keys(REGIMES).every((regime) => this.languages[code].models[regime]);
    }

    // Languages in the order in which their samples are offered: those with all models, then others.
    sampled(small) {
      // Of each script one comes first.
      const known = this.codes.filter((code) => this.languages[code].samples.length);
      const scripts = known.map((code) => polynerGuess.scriptOf(this.languages[code].samples[0]));
      const first = known.filter((_, at) => scripts.indexOf(scripts[at]) === at);
      const ordered = [...new Set([...first, ...known])];
      const whole = ordered.filter((code) => this.hasAll(code));
      return small ? whole : [...whole, ...ordered.filter((code) => !this.hasAll(code))];
    }

    // What stands in one column: a regime's name, its run, and what there is to say of it.
    columns(code) {
      const { models: own } = this.languages[code];
      return Object.entries(REGIMES).map(([regime, name]) => {
        const together = own.polyglot ?? own.zero_shot;
        const chosen = regime === "polyglot" ? together : own[regime];
        const zeroShot = regime === "polyglot" && !own.polyglot && Boolean(chosen);
        const before = regime === "fine_tuned" ? (this.models[together?.run]?.trained_on ?? []) : [];
        return { regime, name: zeroShot ? "Polyglot, zero-shot" : name, f1: chosen?.f1, run: chosen?.run, before };
      });
    }

    guess(text, asked) {
      const whole = this.codes.filter((code) => this.hasAll(code));
      return polynerGuess.guess(text, this.guessable, [...this.learnt, asked], whole);
    }
  }

  const studies = globalThis.polynerTaggers.map((collection) => new Study(collection));

  function facts({ languages, models }, { run, f1, before }) {
    const { trained_on, size } = models[run];
    const listed = (codes) =>
      codes.length > 4 ? `${codes.length} languages` : codes.map((code) => languages[code]?.name ?? code).join(", ");
    const trained = before.length ? `${listed(before)}, then on ${listed(trained_on)}` : listed(trained_on);
    const parts = [`Trained on ${trained}`, f1 == null ? "" : `F1 ${f1.toFixed(1)}`, `${Math.round(size / 1000)} kB`];
    const short = element("abbr", { title: run }, run.slice(run.lastIndexOf("-") + 1));
    return element("p", { class: "pt-facts" }, `${parts.filter(Boolean).join(" · ")} · run `, short);
  }

  const labelled = (text, field) => element("label", { class: "pt-language" }, element("span", {}, text), field);

  class Tagger {
    constructor(place) {
      this.small = "small" in place.dataset;
      this.turn = 0;
      this.study = studies[0];
      this.studies = element("select", {}, ...studies.map(({ title }, at) => element("option", { value: at }, title)));
      this.language = element("select");
      const placeholder = "Type or paste a sentence";
      this.text = element("textarea", { rows: "2", dir: "auto", spellcheck: "false", placeholder });
      this.status = element("p", { role: "status", class: "pt-status" });
      this.samples = element("div", { class: "pt-samples", role: "group", "aria-label": "Sample sentences" });
      this.cards = element("div", { class: "pt-cards" });
      this.lattices = element("div");
      this.form = element(
        "form",
        {},
        ...(studies.length > 1 ? [labelled("Taggers", this.studies)] : []),
        labelled("Language", this.language),
        element("label", { class: "pt-text" }, element("span", {}, "Sentence"), this.text),
        this.samples,
        element("div", { class: "pt-send" }, element("button", { type: "submit" }, "Find the names"), this.status),
      );
      place.replaceChildren(this.form, this.cards, this.lattices);
      this.listen();
      this.showStudy();
    }

    // The languages and the samples of the study that is chosen.
    showStudy() {
      const { codes, languages } = this.study;
      const before = this.language.value;
      this.language.replaceChildren(element("option", { value: "" }, "Detect the language"));
      const groups = [["With models of their own", true], ["Zero-shot: the polyglot model has not seen them", false]];
      for (const [label, own] of groups) {
        const options = codes.filter((code) => this.study.hasOwn(code) === own);
        const shown = options.map((code) => element("option", { value: code }, languages[code].name));
        if (shown.length) this.language.append(element("optgroup", { label }, ...shown));
      }
      this.language.value = codes.includes(before) ? before : "";
      this.showSamples();
    }

    listen() {
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.run();
      });
      this.text.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.run();
      });
      this.studies.addEventListener("change", () => {
        this.study = studies[this.studies.value];
        this.showStudy();
        if (this.turn && this.text.value.trim()) this.run();
      });
      this.language.addEventListener("change", () => {
        this.showSamples();
        if (this.turn && this.text.value.trim()) this.run();
      });
    }

    showSamples() {
      const { languages } = this.study;
      const code = this.language.value;
      const offered = code
        ? languages[code].samples.map((text) => [code, text])
        : this.study.sampled(this.small).map((first) => [first, languages[first].samples[0]]);
      const buttons = offered.slice(0, this.small ? 3 : 8).map(([of, text]) => {
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
      this.samples.hidden = !buttons.length;
    }

    // Tag the text in the language that was chosen, that it is known to be in, or that it seems to be in.
    async run(known) {
      const turn = (this.turn += 1);
      const chunks = polynerDecode.chunks(this.text.value, MOST_WORDS);
      const words = chunks.flat();
      if (!words.length) return this.clear(`Type a sentence first${this.samples.hidden ? "" : ", or choose a sample"}.`);
      const asked = this.language.value || known;
      const guessed = this.study.guess(this.text.value, asked);
      if (!guessed.code) return this.clear(`No model here reads ${guessed.script}: nothing was tagged.`);
      const code = asked || guessed.code;
      this.status.textContent = "Loading the models …";
      const shown = this.study.columns(code);
      try {
        for (const column of shown) {
          if (column.run) column.result = await polynerLoad.tag(column.run, words, code);
          if (turn !== this.turn) return;
        }
        this.show(code, chunks, shown, Boolean(asked) || guessed.sure);
      } catch (error) {
        if (turn === this.turn) this.status.textContent = `This did not work: ${error.message}.`;
      }
    }

    // Nothing but a line that says why.
    clear(line) {
      this.cards.replaceChildren();
      this.lattices.replaceChildren();
      this.status.textContent = line;
    }

    show(code, chunks, shown, sure) {
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
      const { name } = this.study.languages[code];
      const said = sure ? `Language: ${name}. ` : `Guessed: ${name}; choose another above if that is wrong. `;
      const guessed = this.language.value ? "" : said;
      const all = polynerDecode.words(this.text.value).length;
      const cut = all > words.length ? ` Only the first ${words.length} words were read.` : "";
      this.status.textContent = guessed + summary(done, words, differing) + cut;
    }

    card(column, code, chunks, differing) {
      const { regime, name, run, result } = column;
      const card = element("section", { class: `pt-card pt-${regime}`, "aria-label": name }, element("h3", {}, name));
      if (!run) {
        const missing = `This copy of the book has no such model of ${this.study.languages[code].name}.`;
        card.append(element("p", { class: "pt-facts" }, missing));
        return card;
      }
      card.append(sentence(result, chunks, differing, code), facts(this.study, column));
      return card;
    }
  }

  function begin() {
    document.head.append(element("link", { rel: "stylesheet", href: new URL("tagger.css", base).href }));
    for (const place of document.querySelectorAll(".polyner-tagger")) new Tagger(place);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
