"""Making corpora comparable before training: mapping types to a common set, capping, splits that share no sentence."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from polyner.corpora.folder import read_corpora
from polyner.corpora.quality import entity_counts, spellings
from polyner.corpora.sentence import SPLITS, Corpus, Sentence
from polyner.corpora.spans import spans_of, tags_of
from polyner.errors import CorpusError

LONGEST_TRAINED = 16_384  # bytes of a sentence: the paper's word-level CRFs need 50 kB of memory to learn from each

if TYPE_CHECKING:
    from polyner.study.settings import Settings


def prepared_corpora(settings: Settings, *, longest: int | None = None) -> dict[str, Corpus]:
    """The corpora of the settings by language, projected and capped as they say.

    Raises CorpusError, with file and sentence, for one of more than `longest` bytes in train or dev.
    """
    corpora = read_corpora(settings.corpora, settings.languages)
    for code, corpus in corpora.items() if longest is not None else ():
        for split in ("train", "dev"):
            if said := too_long(corpus[split], longest):
                raise CorpusError(f"{Path(corpus.source, code, split)}.conll, {said}")
    if settings.types:
        corpora = {code: project(corpus, settings.types) for code, corpus in corpora.items()}
    limits = settings.max_train_sentences, settings.max_eval_sentences
    return {code: cap(corpus, *limits) for code, corpus in corpora.items()}


def whole_corpora(settings: Settings) -> dict[str, Corpus]:
    """All corpora that are at hand, whole: projected as the settings say, but neither selected nor capped."""
    whole = {"languages": None, "max_train_sentences": None, "max_eval_sentences": None}
    return prepared_corpora(replace(settings, **whole))


def too_long(sentences: Iterable[Sentence], longest: int = LONGEST_TRAINED) -> str | None:
    """What is said of the first sentence that is too long to learn from; None where there is none."""
    for number, sentence in enumerate(sentences, start=1):
        # No character has more than four bytes, nor a blank: few sentences have to be encoded.
        if 4 * sum(len(word) + 1 for word in sentence.words) > longest:
            size = len(" ".join(sentence.words).encode("utf-8", errors="replace"))
            if size > longest:
                said = f"sentence {number}: {len(sentence):,} words, {size:,} bytes from {sentence.words[0]!r:.40}"
                return f"{said}: no more than {longest:,} bytes can be learnt from; cut it into sentences"
    return None


def project(corpus: Corpus, types: Mapping[str, str | None]) -> Corpus:
    """The corpus with each entity type replaced by `types[type]`; None drops the entity, an absent type stays.

    With it, corpora annotated by different guidelines can be trained together, for example
    `{"LOCORG": "LOC", "DATE": None}`.
    """
    kept = {kind: kind for kind in corpus.types} | dict(types)
    return replace(corpus, **{split: retyped(corpus[split], kept) for split in SPLITS})


def retyped(sentences: Iterable[Sentence], types: Mapping[str, str | None]) -> tuple[Sentence, ...]:
    """The sentences with their types under other names; entities of types without one are dropped."""
    renamed = []
    for sentence in sentences:
        spans = [span._replace(type=types[span.type]) for span in spans_of(sentence.tags) if types.get(span.type)]
        renamed.append(Sentence(sentence.words, tags_of(spans, len(sentence))))
    return tuple(renamed)


def commonest_types(corpora: Mapping[str, Corpus], most: int) -> dict[str, Corpus]:
    """The corpora with so many types at most, those of which their training sets have the most entities."""
    counts = entity_counts(sentence for corpus in corpora.values() for sentence in corpus.train)
    kept = set(sorted(counts, key=lambda kind: -counts[kind])[:most])
    return {code: project(c, dict.fromkeys(set(c.types) - kept)) for code, c in corpora.items()}


def cap(corpus: Corpus, train: int | None = None, evaluation: int | None = None) -> Corpus:
    """At most `train` training sentences and `evaluation` sentences of dev and of test, as `sample_sentences` does."""
    limits = {"train": train, "dev": evaluation, "test": evaluation}
    return replace(corpus, **{split: sample_sentences(corpus[split], limit) for split, limit in limits.items()})


def sample_sentences(sentences: Sequence[Sentence], limit: int | None) -> tuple[Sentence, ...]:
    """At most `limit` of the sentences, in their order; None for all.

    The choice is random, because corpora are often sorted by document, but always the same one.
    """
    if limit is None or limit >= len(sentences):
        return tuple(sentences)
    return tuple(sentences[i] for i in sorted(random.Random(0).sample(range(len(sentences)), limit)))


def deduplicated(
    splits: Mapping[str, Sequence[Sentence]], *, keep: Literal["train", "test"] = "train"
) -> tuple[dict[str, tuple[Sentence, ...]], dict[str, int]]:
    """The splits without repeated sentences, and how many each lost.

    Sentences are the same where their words are, whatever their tags; of those in one split, the first stays. Of those
    in several splits, with `keep="train"` the training set's stays (the test set shrinks), with `keep="test"` the test
    set's (published scores stay comparable).
    """
    order = [split for split in (SPLITS if keep == "train" else SPLITS[::-1]) if split in splits]
    first: dict[tuple[str, ...], tuple[str, Sentence]] = {}
    for split in order:
        for sentence, key in zip(splits[split], spellings(splits[split]), strict=True):
            first.setdefault(key, (split, sentence))
    kept = {split: tuple(s for place, s in first.values() if place == split) for split in SPLITS if split in splits}
    return kept, {split: len(splits[split]) - len(kept[split]) for split in kept}


def describe_projection(types: Mapping[str, str | None] | None) -> str:
    """A projection in words: `LOCORG → LOC, DATE dropped`, or `none`."""
    return ", ".join(f"{old} → {new}" if new else f"{old} dropped" for old, new in (types or {}).items()) or "none"
