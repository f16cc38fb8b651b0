"""What is wrong with a corpus, counted: repetitions, repairs, spelling in bytes, foreign scripts, wrong decoding."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyner.corpora.conll import read_conll
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


@dataclass(frozen=True)
class Quality:
    """The counts of one split.

    words: tokens. by_type: entities by type. duplicates: sentences whose words stood in the split before.
    seen_in_train, seen_in_dev: sentences whose words occur there; None where that does not apply.
    repairs: `I-` tags that continued nothing. cleaned: lines that lost control characters or blanks.
    not_nfc: words that were not in Unicode's composed form. lone_marks: words of combining marks alone.
    turned: words with characters that set the direction of what follows, which may show a word as another.
    longest_sentence: in words. longest_word: in bytes of UTF-8.
    other_scripts: words with letters of a script that the language is not written in, by script.
    suspicious: words that seem to be decoded wrongly; examples: some of these.
    """

    sentences: int
    words: int
    entities: int
    by_type: Mapping[str, int]
    duplicates: int
    seen_in_train: int | None
    seen_in_dev: int | None
    repairs: int
    cleaned: int
    not_nfc: int
    lone_marks: int
    turned: int
    longest_sentence: int
    longest_word: int
    other_scripts: Mapping[str, int]
    suspicious: int
    examples: tuple[str, ...]


def quality(
    sentences: Sequence[Sentence],
    language: str,
    *,
    train: Collection[tuple[str, ...]] | None = None,
    dev: Collection[tuple[str, ...]] | None = None,
    repairs: int = 0,
    cleaned: int = 0,
) -> Quality:
    """Count what is wrong with one split.

    `train` and `dev` are the spellings (`spellings`) of the splits to look for these sentences in. `language` says
    which scripts are expected; for what is no language's code any is.
    """
    spelled = spellings(sentences)
    words = Counter(word for sentence in sentences for word in sentence.words)
    by_type = entity_counts(sentences)
    expected = expected_scripts(language)
    foreign: Counter[str] = Counter()
    for word, count in words.items():
        for script in scripts_of(word) - expected if expected else ():
            foreign[script] += count
    wrong = {word: count for word, count in words.items() if decoded_wrongly(word)}
    return Quality(
        sentences=len(sentences),
        words=words.total(),
        entities=sum(by_type.values()),
        by_type=by_type,
        duplicates=len(spelled) - len(set(spelled)),
        seen_in_train=None if train is None else sum(key in train for key in spelled),
        seen_in_dev=None if dev is None else sum(key in dev for key in spelled),
        repairs=repairs,
        cleaned=cleaned,
        not_nfc=sum(n for word, n in words.items() if not unicodedata.is_normalized("NFC", word)),
        lone_marks=sum(n for word, n in words.items() if is_lone_mark(word)),
        turned=sum(n for word, n in words.items() if is_turned(word)),
        longest_sentence=max(map(len, sentences), default=0),
        longest_word=max((len(word.encode("utf-8", errors="replace")) for word in words), default=0),
        other_scripts=dict(foreign.most_common()),
        suspicious=sum(wrong.values()),
        examples=tuple(sorted(wrong, key=lambda word: (-wrong[word], word))[:_EXAMPLES]),
    )


def entity_counts(sentences: Iterable[Sentence]) -> dict[str, int]:
    """How many entities of each type the sentences hold, types sorted."""
    counts = Counter(span.type for sentence in sentences for span in spans_of(sentence.tags))
    return dict(sorted(counts.items()))


def spellings(sentences: Sequence[Sentence]) -> list[tuple[str, ...]]:
    """The words of each sentence in composed form: two sentences are the same where these are."""
    return [tuple(unicodedata.normalize("NFC", word) for word in sentence.words) for sentence in sentences]


def folder_quality(folder: Path, language: str) -> dict[str, Quality]:
    """The quality of every split that a language's folder has. Raises CorpusError for a malformed file."""
    files = {split: read_conll(path, normalise=False) for split, path in corpus_files(folder).items()}
    return splits_quality(
        {split: file.sentences for split, file in files.items()},
        language,
        {split: file.repairs for split, file in files.items()},
        {split: file.cleaned for split, file in files.items()},
    )


def splits_quality(
    splits: Mapping[str, Sequence[Sentence]],
    language: str,
    repairs: Mapping[str, int] | None = None,
    cleaned: Mapping[str, int] | None = None,
) -> dict[str, Quality]:
    """The quality of each of a corpus's splits, dev compared with train, test with both."""
    known = {split: set(spellings(splits[split])) for split in ("train", "dev") if split in splits}
    return {
        split: quality(
            sentences,
            language,
            train=known.get("train") if split in ("dev", "test") else None,
            dev=known.get("dev") if split == "test" else None,
            repairs=(repairs or {}).get(split, 0),
            cleaned=(cleaned or {}).get(split, 0),
        )
        for split, sentences in splits.items()
    }


def quality_table(root: str | Path) -> pd.DataFrame:
    """The quality of all corpora in a folder, or of the sample corpora, a row a split.

    Columns: language, split, those of `Quality` except by_type (examples joined by blanks), and the shares (0 to 1)
    duplicate_share (of the sentences), train_share and dev_share (of the sentences that are seen there), not_nfc_share
    (of the words).
    Raises CorpusError as `read_corpora` does.
    """
    import pandas as pd

    if str(root) == "sample":
        corpora = {
            code: splits_quality({split: corpus[split] for split in SPLITS}, code)
            for code, corpus in read_corpora(root).items()
        }
    else:
        corpora = {code: folder_quality(folder, code) for code, folder in corpus_folders(root).items()}
    rows = [
        {"language": code, "split": split, **_row(found)}
        for code, splits in corpora.items()
        for split, found in splits.items()
    ]
    return pd.DataFrame(rows)


def _row(found: Quality) -> dict[str, Any]:
    row = {key: value for key, value in asdict(found).items() if key != "by_type"}
    row["examples"] = " ".join(found.examples)
    row["other_scripts"] = described_scripts(found.other_scripts)
    nothing = float("nan")
    for share, count, whole in (
        ("duplicate_share", found.duplicates, found.sentences),
        ("train_share", found.seen_in_train, found.sentences),
        ("dev_share", found.seen_in_dev, found.sentences),
        ("not_nfc_share", found.not_nfc, found.words),
    ):
        row[share] = nothing if count is None or not whole else count / whole
    return row


def described_scripts(scripts: Mapping[str, int]) -> str:
    """`CYRILLIC 12, CJK 3`, or nothing."""
    return ", ".join(f"{script} {count}" for script, count in scripts.items())
