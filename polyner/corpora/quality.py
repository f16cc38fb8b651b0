"""What is wrong with a corpus, counted: repetitions, repairs, spelling in bytes, foreign scripts, wrong decoding."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyner.corpora.conll import ConllFile, read_conll
from polyner.corpora.folder import corpus_files, corpus_folders, read_corpora
from polyner.corpora.scripts import decoded_wrongly, expected_scripts, is_lone_mark, is_turned, scripts_of
from polyner.corpora.sentence import SPLITS, Sentence
from polyner.corpora.spans import spans_of

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "duplicates": "repeated",
    "seen_in_train": "in train",
    "seen_in_dev": "in dev",
    "repairs": "repairs",
    "cleaned": "cleaned",
    "not_nfc": "not NFC",
    "lone_marks": "lone marks",
    "turned": "turned",
    "longest_sentence": "longest sentence",
    "longest_word": "longest word",
    "other_scripts": "other scripts",
    "suspicious": "suspicious",
}
_EXAMPLES = 3


def splits_quality(splits: Mapping[str, ConllFile], language: str) -> dict[str, dict[str, Any]]:
    """What is in each of a corpus's splits and what is wrong with it, dev compared with train, test with both.

    `language` says which scripts are expected; for what is no language's code any is. Of each split:

    words: tokens. by_type: entities by type. duplicates: sentences whose words stood in the split before.
    seen_in_train, seen_in_dev: sentences whose words occur there; None where that does not apply.
    repairs: `I-` tags that continued nothing. cleaned: lines that lost control characters or blanks.
    not_nfc: words that were not in Unicode's composed form. lone_marks: words of combining marks alone.
    turned: words with characters that set the direction of what follows, which may show a word as another.
    longest_sentence: in words. longest_word: in bytes of UTF-8.
    other_scripts: words with letters of a script that the language is not written in, by script.
    suspicious: words that seem to be decoded wrongly; examples: some of these.
    """
    spelled = {split: spellings(file.sentences) for split, file in splits.items()}
    known = {split: set(spelled[split]) for split in ("train", "dev") if split in spelled}
    return {
        split: {
            **_counts(file.sentences, expected_scripts(language)),
            "duplicates": len(spelled[split]) - len(set(spelled[split])),
            "seen_in_train": _seen(spelled[split], known.get("train") if split in ("dev", "test") else None),
            "seen_in_dev": _seen(spelled[split], known.get("dev") if split == "test" else None),
            "repairs": file.repairs,
            "cleaned": file.cleaned,
        }
        for split, file in splits.items()
    }


def _seen(spelled: Sequence[tuple[str, ...]], known: set[tuple[str, ...]] | None) -> int | None:
    return None if known is None else sum(key in known for key in spelled)


def _counts(sentences: Sequence[Sentence], expected: set[str] | None) -> dict[str, Any]:
    words = Counter(word for sentence in sentences for word in sentence.words)
    foreign: Counter[str] = Counter()
    for word, count in words.items():
        for script in scripts_of(word) - expected if expected else ():
            foreign[script] += count
    wrong = {word: count for word, count in words.items() if decoded_wrongly(word)}
    return {
        **counts(sentences),
        "not_nfc": sum(n for word, n in words.items() if not unicodedata.is_normalized("NFC", word)),
        "lone_marks": sum(n for word, n in words.items() if is_lone_mark(word)),
        "turned": sum(n for word, n in words.items() if is_turned(word)),
        "longest_sentence": max(map(len, sentences), default=0),
        "longest_word": max((len(word.encode("utf-8", errors="replace")) for word in words), default=0),
        "other_scripts": dict(foreign.most_common()),
        "suspicious": sum(wrong.values()),
        "examples": sorted(wrong, key=lambda word: (-wrong[word], word))[:_EXAMPLES],
    }


def counts(sentences: Sequence[Sentence]) -> dict[str, Any]:
    """How many sentences, words and entities there are, and these by type."""
    of_types = entity_counts(sentences)
    sizes = {"sentences": len(sentences), "words": sum(map(len, sentences))}
    return {**sizes, "entities": sum(of_types.values()), "by_type": of_types}


def entity_counts(sentences: Iterable[Sentence]) -> dict[str, int]:
    """How many entities of each type the sentences hold, types sorted."""
    return dict(sorted(Counter(span.type for sentence in sentences for span in spans_of(sentence.tags)).items()))


def spellings(sentences: Sequence[Sentence]) -> list[tuple[str, ...]]:
    """The words of each sentence in composed form: two sentences are the same where these are."""
    return [tuple(unicodedata.normalize("NFC", word) for word in sentence.words) for sentence in sentences]


def quality_table(root: str | Path) -> pd.DataFrame:
    """The quality of all corpora in a folder, or of the sample corpora, a row a split.

    Columns: language, split, those of `splits_quality` except by_type (scripts and examples in words), and
    train_share (0 to 1), of the sentences those that are seen in train.
    Raises CorpusError as `read_corpora` does.
    """
    import pandas as pd

    if root == "sample":
        corpora = {
            code: {split: ConllFile(corpus[split], 0, "IOB2") for split in SPLITS}
            for code, corpus in read_corpora(root).items()
        }
    else:
        corpora = {
            code: {split: read_conll(path, normalise=False) for split, path in corpus_files(folder).items()}
            for code, folder in corpus_folders(root).items()
        }
    rows = [
        {"language": code, "split": split, **found}
        for code, files in corpora.items()
        for split, found in splits_quality(files, code).items()
    ]
    table = pd.DataFrame(rows).drop(columns="by_type")
    table["examples"] = table["examples"].map(" ".join)
    table["other_scripts"] = table["other_scripts"].map(described_scripts)
    table["train_share"] = table["seen_in_train"].astype(float) / table["sentences"]
    return table


def described_scripts(scripts: Mapping[str, int]) -> str:
    """`CYRILLIC 12, CJK 3`, or nothing."""
    return ", ".join(f"{script} {count}" for script, count in scripts.items())
