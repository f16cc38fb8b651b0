// From text to words and bytes, and from emissions to tags and probabilities: what the network leaves to do.
// The same as polyner's own (polyner.cli.words, polyner.models.crf), which the tests compare this with.
(() => {
  const WORD = /[\p{L}\p{M}\p{N}\u200c\u200d]/u;
  const DIGIT = /\p{Nd}/u;
  const INSIDE_WORDS = "'’ʼ-‐·״׳";
  const INSIDE_NUMBERS = ".,:/";

  // Words of a text in NFC: runs of letters, marks and digits, with apostrophes and hyphens between letters and
  // separators between digits; every other character that is no blank stands alone.
  function words(text) {
    return chunks(text).flat();
  }

  // The same, at most so many, grouped as they stand between blanks.
  function chunks(text, most = Infinity) {
    const found = [];
    let room = most;
    for (const chunk of text.normalize("NFC").split(/\s+/u).filter(Boolean)) {
      if (room <= 0) break;
      found.push(split(chunk).slice(0, room));
      room -= found[found.length - 1].length;
    }
    return found;
  }

  function split(chunk) {
    const characters = [...chunk];
    const found = [];
    let open = false;
    characters.forEach((character, at) => {
      const belongs = WORD.test(character) || joins(characters, at);
      if (belongs && open) found[found.length - 1] += character;
      else found.push(character);
      open = belongs;
    });
    return found;
  }

  function joins(characters, at) {
    if (at === 0 || at === characters.length - 1) return false;
    const [before, here, after] = characters.slice(at - 1, at + 2);
    if (INSIDE_NUMBERS.includes(here)) return DIGIT.test(before) && DIGIT.test(after);
    return INSIDE_WORDS.includes(here) && WORD.test(before) && WORD.test(after);
  }

  // A word's first bytes in UTF-8.
  function bytes(word, most) {
    const whole = word.replace(/\p{Cs}/gu, "?"); // half a surrogate pair is no character
    return new TextEncoder().encode(whole).slice(0, most);
  }

  // The most probable tags. `emissions` has a row of scores for each word; `chain` has start, transitions (from row to
  // column) and end.
  function viterbi(emissions, { start, transitions, end }) {
    let best = emissions[0].map((score, tag) => score + start[tag]);
    const cameFrom = [];
    for (const scores of emissions.slice(1)) {
      const previous = scores.map((_, tag) => highest(best.map((score, from) => score + transitions[from][tag])));
      best = scores.map((score, tag) => score + best[previous[tag]] + transitions[previous[tag]][tag]);
      cameFrom.push(previous);
    }
    const path = [highest(best.map((score, tag) => score + end[tag]))];
    for (const previous of cameFrom.reverse()) path.unshift(previous[path[0]]);
    return path;
  }

  // p(tag | sentence) for each word and tag, by forward-backward.
  function marginals(emissions, { start, transitions, end }) {
    const tags = start.map((_, tag) => tag);
    const alphas = [emissions[0].map((score, tag) => score + start[tag])];
    for (const scores of emissions.slice(1)) {
      const before = alphas[alphas.length - 1];
      const into = (tag) => logSumExp(tags.map((from) => before[from] + transitions[from][tag]));
      alphas.push(tags.map((tag) => scores[tag] + into(tag)));
    }
    let beta = end;
    const betas = [beta];
    for (const scores of emissions.slice(1).reverse()) {
      const after = beta;
      beta = tags.map((from) => logSumExp(tags.map((tag) => transitions[from][tag] + scores[tag] + after[tag])));
      betas.unshift(beta);
    }
    return alphas.map((alpha, word) => {
      const scores = tags.map((tag) => alpha[tag] + betas[word][tag]);
      const total = logSumExp(scores);
      return scores.map((score) => Math.exp(score - total));
    });
  }

  // Entities of BIO tags, ends exclusive. An I- that continues nothing begins an entity, as in conlleval.
  function spans(tags) {
    const found = [];
    tags.forEach((tag, at) => {
      const type = tag.slice(2);
      const last = found[found.length - 1];
      if (tag === "O") return;
      if (tag[0] === "I" && last && last.end === at && last.type === type) last.end = at + 1;
      else found.push({ type, start: at, end: at + 1 });
    });
    return found;
  }

  function highest(scores) {
    return scores.reduce((best, score, at) => (score > scores[best] ? at : best), 0);
  }

  function logSumExp(scores) {
    const most = Math.max(...scores);
    return most + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - most), 0));
  }

  globalThis.polynerDecode = { words, chunks, bytes, viterbi, marginals, spans };
})();
