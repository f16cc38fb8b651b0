"""The card of a folder of taggers: what they are, how good, on what they learnt, what not to use them for."""

from __future__ import annotations

from polyner.names import REGIME_NAMES
from polyner.taggers.collection import Collection

_LIMITS = """\
## Limits

* They learnt from the corpora above and no others, each with its own guidelines. What counts as a name, and of which
  type, differs between them; scores of two languages cannot be compared.
* Text of other kinds (speech, chats, old texts, other orthographies) gives lower scores than those here, by how much is
  not known. Names of people are found unequally well, by origin and spelling; nobody has measured how unequally.
* They are small models for looking at how training regimes differ. **Do not use them** to decide about people, to
  search for or remove personal data where a missed name does harm, or as the best that can be had: pretrained encoders
  are better.
* Several of the licences allow no commercial use, or research only. No sentence of a corpus is in these files; of each
  language there are its forty most frequent words outside names, and letter trigrams, by which its text is recognised.
"""


def card(collection: Collection) -> str:
    """The card as Markdown."""
    about, settings = collection.about, collection.about["settings"]
    size = sum(model["size"] for model in collection.models.values()) / 1e6
    sizes = "/".join(str(settings[part]) for part in ("embedding_size", "unit_hidden_size", "sentence_hidden_size"))
    cap = f", at most {cap:,} training sentences a language" if (cap := settings["max_train_sentences"]) else ""
    seeds = "Of several seeds the best on development data." if len(about["seeds"]) > 1 else "One seed."
    types = ", ".join(f"{before} to {after or 'none'}" for before, after in (settings["types"] or {}).items())
    lines = [
        "---",
        "library_name: polyner",
        "license: other",
        f"language: [{', '.join(collection.languages)}]",
        "tags: [token-classification, named-entity-recognition]",
        "---",
        "",
        f"# Byte-CRF taggers: {about['title']}",
        "",
        f"{len(collection.models)} named entity taggers in {len(collection.languages)} languages ({size:.1f} MB, "
        "weights in eight bits), from *Sources of Transfer in Multilingual Named Entity Recognition*, rebuilt: for",
        "each language one trained on it alone (monolingual), one on its group of languages (polyglot), and that one",
        "fine-tuned.",
        "",
        f"Byte-CRF with sizes {sizes} (embedding, units, sentence), Adam at {settings['learning_rate']}, batches of "
        f"{settings['batch_size']}, ended by {settings['patience']} epochs without a better score on development data"
        f"{cap}; profile `{settings['profile']}`, {about['date']}. {seeds}",
        *([f"Types are projected: {types}."] if types else []),
        *([f"Corpora: `{about['corpora']}`."] if about["corpora"] else []),
        "",
        "```python",
        "import polyner",
        "",
        f'polyner.load("{next(iter(collection.languages))}").tag([["A", "sentence", "in", "words"]])',
        "```",
        "",
        "## F1 on test",
        "",
        "Measured with these files. In brackets 95 % intervals over test sentences; other seeds would differ too. In",
        "bold what is best on development data, which is taken where no regime is asked for. Test sets are what the",
        "corpora have, those tagged by machine too: there F1 is agreement with a machine.",
        "",
        "| language | " + " | ".join(REGIME_NAMES.values()) + " |",
        "|---|" + "---|" * len(REGIME_NAMES),
    ]
    for code, language in collection.languages.items():
        best = collection.choose(code)["regime"]
        cells = [_cell(language["models"].get(regime), bold=regime == best) for regime in REGIME_NAMES]
        lines.append(f"| {language['name']} ({code}) | {' | '.join(cells)} |")
    lines += ["", "## F1 by type", "", "| language | regime | type | F1 | entities |", "|---|---|---|---|---|"]
    for language in collection.languages.values():
        for regime, model in language["models"].items():
            for kind, figures in model["types"].items():
                cell = _cell(figures)
                lines.append(f"| {language['name']} | {REGIME_NAMES[regime]} | {kind} | {cell} | {figures['gold']:,} |")
    lines += _corpora(collection)
    return "\n".join([*lines, "", _LIMITS])


def _corpora(collection: Collection) -> list[str]:
    lines = ["", "## Corpora", "", "| language | training sentences | what | from | licence |", "|---|---|---|---|---|"]
    for language in collection.languages.values():
        told = (language["name"], f"{language['sentences']:,}", language["texts"], language["origin"])
        lines.append(f"| {' | '.join(told)} | {language['licence']} |")
    lines += [
        "",
        "A tagger has learnt from the corpora of all languages it was trained on, a fine-tuned one from those of its",
        "polyglot tagger too, and all of their licences hold for it:",
        "",
    ]
    for trained_on in dict.fromkeys(tuple(model["trained_on"]) for model in collection.models.values()):
        if len(trained_on) > 1:
            names = ", ".join(collection.languages[code]["name"] for code in trained_on)
            licences = sorted({collection.languages[code]["licence"] for code in trained_on})
            lines.append(f"* polyglot of {names}, and what is fine-tuned from it: {'; '.join(licences)}")
    return lines


def _cell(figures: dict | None, bold: bool = False) -> str:
    if not figures:
        return ""
    f1 = f"{figures['f1']:.1f}"
    return f"{f'**{f1}**' if bold else f1} ({figures['low']:.1f} to {figures['high']:.1f})"
