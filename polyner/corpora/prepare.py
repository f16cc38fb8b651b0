"""Making corpora comparable before training: mapping types to a common set, and capping their size."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from polyner.corpora.folder import read_corpora
from polyner.corpora.sentence import SPLITS, Corpus, Sentence
from polyner.corpora.spans import spans_of, tags_of

if TYPE_CHECKING:
    from polyner.settings import Settings


def prepared_corpora(settings: Settings) -> dict[str, Corpus]:
    """The corpora of the settings by language, projected and capped as they say."""
    corpora = read_corpora(settings.corpora, settings.languages)
    if settings.types:
        corpora = {code: project(corpus, settings.types) for code, corpus in corpora.items()}
    limits = settings.max_train_sentences, settings.max_eval_sentences
    return {code: cap(corpus, *limits) for code, corpus in corpora.items()}


def project(corpus: Corpus, types: Mapping[str, str | None]) -> Corpus:
    """The corpus with each entity type replaced by `types[type]`; None drops the entity, an absent type stays.

    With it, corpora annotated by different guidelines can be trained together, for example
    `{"LOCORG": "LOC", "DATE": None}`.
    """

    def projected(sentence: Sentence) -> Sentence:
        spans = [span._replace(type=types.get(span.type, span.type)) for span in spans_of(sentence.tags)]
        return Sentence(sentence.words, tags_of([span for span in spans if span.type], len(sentence)))

    return replace(corpus, **{split: tuple(map(projected, corpus[split])) for split in SPLITS})


def cap(corpus: Corpus, train: int | None = None, evaluation: int | None = None) -> Corpus:
    """At most `train` training sentences and `evaluation` sentences of dev and of test.

    The choice is random, because corpora are often sorted by document, but always the same one.
    """

    def chosen(sentences: tuple[Sentence, ...], limit: int | None) -> tuple[Sentence, ...]:
        if limit is None or limit >= len(sentences):
            return sentences
        kept = sorted(random.Random(0).sample(range(len(sentences)), limit))
        return tuple(sentences[i] for i in kept)

    return replace(
        corpus,
        train=chosen(corpus.train, train),
        dev=chosen(corpus.dev, evaluation),
        test=chosen(corpus.test, evaluation),
    )


def describe_projection(types: Mapping[str, str | None] | None) -> str:
    """A projection in words: `LOCORG → LOC, DATE dropped`, or `none`."""
    return ", ".join(f"{old} → {new}" if new else f"{old} dropped" for old, new in (types or {}).items()) or "none"
