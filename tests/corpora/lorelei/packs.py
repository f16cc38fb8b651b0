"""Made-up LORELEI packages: the writer of what the reader reads."""

from __future__ import annotations

import hashlib
from html import escape
from pathlib import Path

from polyner.corpora.sentence import Sentence
from polyner.corpora.spans import spans_of

LTF, LAF = "data/translation/from_xxx/ltf", "data/annotation/entity/simple"


def ltf(stem: str, sentences: list[list[str]], *, md5: str | None = None, doc_id: str | None = None) -> str:
    """A text whose tokens stand between blanks, a segment a sentence."""
    segments, raw, at = [], "", 0
    for number, words in enumerate(sentences):
        text = " ".join(words)
        tokens, place = [], at
        for position, word in enumerate(words):
            tokens.append(
                f'<TOKEN id="token-{number}-{position}" pos="word" morph="none" start_char="{place}" '
                f'end_char="{place + len(word) - 1}">{escape(word)}</TOKEN>'
            )
            place += len(word) + 1
        segments.append(
            f'<SEG id="segment-{number}" start_char="{at}" end_char="{at + len(text) - 1}">'
            f"<ORIGINAL_TEXT>{escape(text)}</ORIGINAL_TEXT>{''.join(tokens)}</SEG>"
        )
        raw += text + "\n"
        at += len(text) + 1
    md5 = md5 or hashlib.md5(raw.encode()).hexdigest()
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE LCTL_TEXT SYSTEM "ltf.v1.5.dtd">\n<LCTL_TEXT lang="xxx">'
        f'<DOC id="{doc_id or stem}" raw_text_char_length="{len(raw)}" raw_text_md5="{md5}"><TEXT>'
        f"{''.join(segments)}</TEXT></DOC></LCTL_TEXT>"
    )


def laf(stem: str, *annotations: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE LCTL_ANNOTATIONS SYSTEM "laf.v1.2.dtd">\n'
        f'<LCTL_ANNOTATIONS lang="xxx"><DOC id="{stem}">{"".join(annotations)}</DOC></LCTL_ANNOTATIONS>'
    )


def by_characters(type_: str, start: int, end: int, text: str = "", *, tag: bool = False, task: str = "NE") -> str:
    attribute, child = ("", f"<TAG>{type_}</TAG>") if tag else (f' type="{type_}"', "")
    extent = f'<EXTENT start_char="{start}" end_char="{end}">{escape(text)}</EXTENT>'
    return f'<ANNOTATION id="a" task="{task}"{attribute}>{extent}{child}</ANNOTATION>'


def by_tokens(type_: str, first: str, last: str) -> str:
    return f'<ANNOTATION id="a" task="NE" type="{type_}" start_token="{first}" end_token="{last}"/>'


def annotated(sentences: list[Sentence], *, tokens: bool = False, tag: bool = False) -> list[str]:
    """The annotations of tagged sentences, at characters or at tokens."""
    result, at = [], 0
    for number, sentence in enumerate(sentences):
        starts = [at + sum(len(word) + 1 for word in sentence.words[:i]) for i in range(len(sentence))]
        for span in spans_of(sentence.tags):
            if tokens:
                ids = [f"OTHER_DOC-token-{number}-{i}" for i in (span.start, span.end - 1)]
                result.append(by_tokens(span.type, *ids))
            else:
                end = starts[span.end - 1] + len(sentence.words[span.end - 1]) - 1
                result.append(by_characters(span.type, starts[span.start], end, tag=tag))
        at += sum(len(word) + 1 for word in sentence.words)
    return result


def write(root: Path, stem: str, text: str | None, annotations: str | None, laf_folder: str = LAF) -> None:
    for folder, kind, content in ((LTF, "ltf", text), (laf_folder, "laf", annotations)):
        if content is not None:
            path = root / folder / f"{stem}.{kind}.xml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")


def write_tagged(root: Path, stem: str, sentences: list[Sentence], **how: bool) -> None:
    write(root, stem, ltf(stem, [list(s.words) for s in sentences]), laf(stem, *annotated(sentences, **how)))
