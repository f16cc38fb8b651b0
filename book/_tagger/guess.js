// Which language a text is in: by its script and, among languages that share it, by the frequent words and character
// trigrams of their training text, which stand in the manifest in order of frequency.
(() => {
  const SCRIPTS = [
    ["Latin", "Arabic", "Cyrillic", "Ethiopic", "Devanagari", "Bengali", "Greek", "Hebrew", "Hangul", "Thai", "Georgian"],
    ["Armenian", "Tamil", "Telugu", "Gujarati", "Gurmukhi", "Kannada", "Malayalam", "Sinhala", "Khmer", "Myanmar"],
  ]
    .flat()
    .map((name) => [`the ${name} script`, new RegExp(`\\p{Script=${name}}`, "gu")]);
  SCRIPTS.push(["Chinese or Japanese characters", /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu]);
  const LEAD = 0.25; // of the best score: a lesser lead is no clear one
  const LEAST_SCORE = 1; // per trigram: a text with less may be in none of the languages
  const LEAST_TRIGRAMS = 12; // fewer, such as those of a name alone, tell nothing

  // The script of most letters of a text; null where it has no letters.
  function scriptOf(text) {
    const counts = SCRIPTS.map(([name, pattern]) => [name, (text.match(pattern) ?? []).length]);
    const named = counts.reduce((sum, [, count]) => sum + count, 0);
    counts.push(["this script", (text.match(/\p{L}/gu) ?? []).length - named]);
    const [name, count] = counts.reduce((best, other) => (other[1] > best[1] ? other : best));
    return count > 0 ? name : null;
  }

  function trigrams(words) {
    const around = words.map((word) => [..." ", ...word, " "]);
    return around.flatMap((characters) => characters.slice(2).map((_, at) => characters.slice(at, at + 3).join("")));
  }

  function ranks(parts) {
    return new Map(parts.map((part, rank) => [part, rank]));
  }

  // Frequencies fall about as 1/rank (Zipf); what a list lacks counts as half as frequent as its last one.
  function gain(parts, ranked) {
    const one = (rank) => (rank === undefined ? 0 : Math.log((2 * ranked.size) / (rank + 1)));
    return parts.reduce((sum, part) => sum + one(ranked.get(part)), 0);
  }

  // How much a text looks like a language, per trigram.
  function score(words, { frequent, trigrams: joined = "" }) {
    const found = trigrams(words);
    const known = joined.match(/.{3}/gsu) ?? [];
    return (gain(found, ranks(known)) + gain(words, ranks(frequent))) / Math.max(1, found.length);
  }

  function clearlyAhead(words, [best, second]) {
    const lead = best.score - (second?.score ?? 0);
    return trigrams(words).length >= LEAST_TRIGRAMS && best.score >= LEAST_SCORE && lead >= LEAD * best.score;
  }

  // The language of a text: its code, whether it is clearly ahead, and the text's script. `languages` has the better
  // choice first where scores are equal; `read` are the codes that models learnt from, and `own` those with models of
  // their own: in doubt, the best of these is taken if it is near the best of all, or if the
  // text is too short to tell. Without a code where no model reads the script.
  function guess(text, languages, read, own = []) {
    const script = scriptOf(text);
    const codes = Object.keys(languages).filter(
      (code) => !script || scriptOf(languages[code].frequent.join(" ")) === script,
    );
    if (!codes.some((code) => read.includes(code))) return { script, code: null, sure: false };
    const words = polynerDecode.words(text.toLowerCase()).filter((word) => /\p{L}/u.test(word));
    const scores = codes.map((code) => ({ code, score: score(words, languages[code]) }));
    scores.sort((one, other) => other.score - one.score);
    const sure = clearlyAhead(words, scores);
    const least = trigrams(words).length < LEAST_TRIGRAMS ? 0 : (1 - LEAD) * scores[0].score;
    const near = ({ code, score }) => own.includes(code) && score >= least;
    const best = (!sure && scores.find(near)) || scores[0];
    return { script, code: best.code, sure };
  }

  globalThis.polynerGuess = { guess, scriptOf };
})();
