"""The formats of the public repositories: files in, tagged sentences out, with counts of what was mended."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from polyner.corpora.columns import DIRT, lines
from polyner.corpora.conll import composed_word, parse_conll, to_iob2
from polyner.corpora.sentence import Sentence
from polyner.corpora.spans import Span, tags_of
from polyner.errors import CorpusError

Files = Mapping[str, bytes]
_LARGEST_GAP = 2
# Lines whose word is of zero-width characters, soft hyphens, marks of direction and byte-order marks alone.
_UNSEEN = re.compile("^[ \u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+\t.*$", re.MULTILINE)
_FACTRUEVAL_TYPES = ("Person", "Org", "Location", "LocOrg")  # projects and facilities are too few


class Read(NamedTuple):
    """The sentences of some files, in the order of the files, and what was mended in them, by kind."""

    sentences: tuple[Sentence, ...]
    repairs: Counter[str]


def joined(reads: Iterable[Read]) -> Read:
    """The sentences of several reads, in order, and all of their repairs."""
    reads = list(reads)
    sentences = tuple(sentence for read in reads for sentence in read.sentences)
    return Read(sentences, sum((read.repairs for read in reads), Counter()))


def read_columns(files: Files, names: Sequence[str] = ()) -> Read:
    """Files of columns, as `parse_conll` reads them. A file may have any scheme; orphaned I- tags are mended."""
    found = [parse_conll(data, name, names=names) for name, data in files.items()]
    repairs = ({"orphaned I- tags": each.repairs, "lines cleaned": each.cleaned} for each in found)
    return joined(Read(each.sentences, Counter(mended)) for each, mended in zip(found, repairs, strict=True))


def read_visible(files: Files) -> Read:
    """Files of columns, as `read_columns` reads them, without words that nothing is seen of; these are counted."""
    kept: dict[str, bytes] = {}
    dropped = 0
    for name, data in files.items():
        # A comment takes the line's place: a blank one would end the sentence, none would move the lines of errors.
        text, found = _UNSEEN.subn("#", data.decode("utf-8", "surrogateescape"))
        kept[name] = text.encode("utf-8", "surrogateescape")
        dropped += found
    read = read_columns(kept)
    return Read(read.sentences, read.repairs + Counter({"words dropped": dropped}))


def read_bare_types(files: Files) -> Read:
    """Files of words and tags of which some types stand without B- or I-: a run of such is one entity.

    Lines without a word or without a tag are dropped and counted; a word of control characters only is none.
    """
    sentences: list[Sentence] = []
    repairs: Counter[str] = Counter()
    for name, data in files.items():
        raw = [line for _, line in lines(name, io.BytesIO(data))]
        clean = [DIRT.sub("", line) for line in raw]
        repairs["lines cleaned"] += sum(before != after for before, after in zip(raw, clean, strict=True))
        for block in re.split(r"\n\s*\n", "\n".join(clean)):
            rows = [re.split(r"[ \t]+", line.strip()) for line in block.split("\n") if line.strip()]
            kept = [(word, row[-1]) for row in rows if len(row) > 1 and (word := composed_word(row[0]))]
            repairs["words dropped"] += len(rows) - len(kept)
            if kept:
                words, tags = zip(*kept, strict=True)
                prefixed, bare = _with_prefixes(tags)
                iob2, orphans = to_iob2(prefixed)
                repairs.update({"bare types": bare, "orphaned I- tags": orphans})
                sentences.append(Sentence(words, iob2))
    return Read(tuple(sentences), +repairs)


def read_factrueval(files: Files) -> Read:
    """FactRuEval's documents: `.tokens` (sentences), `.spans` (of tokens) and `.objects` (mentions made of spans).

    Of nested mentions the outermost stays; gaps of at most two tokens are filled, wider ones leave the longest run.
    """
    sentences: list[Sentence] = []
    repairs: Counter[str] = Counter()
    for stem in dict.fromkeys(name.rpartition(".")[0] for name in files):
        try:
            tokens, spans, objects = (files[f"{stem}.{kind}"].decode() for kind in ("tokens", "spans", "objects"))
        except (KeyError, UnicodeDecodeError) as error:
            raise CorpusError(f"{stem}: {error} cannot be read") from None
        try:
            sentences += _document(tokens, list(_mentions(spans, objects)), repairs)
        except (ValueError, IndexError, KeyError) as error:
            raise CorpusError(f"{stem}: not in FactRuEval's format: {error}") from None
    return Read(tuple(sentences), +repairs)


READERS: Mapping[str, Callable[[Files], Read]] = {
    "columns": read_columns,
    "numbered": lambda files: read_columns(files, ("ID", "FORM", "NER")),
    "visible": read_visible,
    "bare_types": read_bare_types,
    "factrueval": read_factrueval,
}


def _with_prefixes(tags: Sequence[str]) -> tuple[list[str], int]:
    """The tags with B- or I- before the types that have neither, and how many these were."""
    result = [
        tag if tag == "O" or re.match(r"[BIES]-.", tag) else ("I-" if before == tag else "B-") + tag
        for before, tag in pairwise(["O", *tags])
    ]
    return result, sum(made != tag for made, tag in zip(result, tags, strict=True))


def _mentions(spans: str, objects: str) -> Iterator[tuple[str, list[str]]]:
    """The type and tokens of each mention."""
    tokens_of_span = {}
    for line in filter(str.strip, spans.splitlines()):
        left, _, right = line.partition("#")
        tokens_of_span[left.split()[0]] = right.split()[: int(left.split()[5])]
    for line in filter(str.strip, objects.splitlines()):
        _, kind, *own = line.partition("#")[0].split()
        if kind in _FACTRUEVAL_TYPES:
            yield kind, [token for span in own for token in tokens_of_span[span]]


def _document(tokens: str, mentions: Sequence[tuple[str, list[str]]], repairs: Counter[str]) -> list[Sentence]:
    blocks = [[line.split() for line in block.splitlines()] for block in re.split(r"\n\s*\n", tokens) if block.strip()]
    named = {row[0] for block in blocks for row in block}
    # A token of control characters only is no word; a mention goes on without it.
    visible = ([(row[0], word) for row in block if (word := composed_word(row[3]))] for block in blocks)
    read = [block for block in visible if block]
    place = {token: (number, i) for number, block in enumerate(read) for i, (token, _) in enumerate(block)}
    repairs["words dropped"] += sum(map(len, blocks)) - sum(map(len, read))
    found: dict[int, list[Span]] = {}
    for kind, own in mentions:
        if places := sorted({place[token] for token in own if token in place or token not in named}):
            number = places[0][0]
            start, end = _run([i for sentence, i in places if sentence == number], repairs)
            found.setdefault(number, []).append(Span(start, end, kind))
    result = []
    for number, block in enumerate(read):
        kept: list[Span] = []
        for span in sorted(found.get(number, []), key=lambda span: (span.start - span.end, span.start)):
            if any(span.start < other.end and other.start < span.end for other in kept):
                repairs["nested mentions dropped"] += 1
            else:
                kept.append(span)
        words = tuple(word for _, word in block)
        result.append(Sentence(words, tags_of(sorted(kept), len(words))))
    return result


def _run(positions: Sequence[int], repairs: Counter[str]) -> tuple[int, int]:
    """The longest run of positions, of which neighbours are at most two tokens apart."""
    runs = [[positions[0]]]
    for before, position in pairwise(positions):
        gap = position - before - 1
        if gap > _LARGEST_GAP:
            runs.append([position])
        else:
            repairs["gaps filled"] += gap > 0
            runs[-1].append(position)
    repairs["mentions cut to their longest run"] += len(runs) > 1
    longest = max(runs, key=lambda run: run[-1] - run[0])
    return longest[0], longest[-1] + 1
