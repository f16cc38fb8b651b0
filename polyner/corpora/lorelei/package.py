"""One language's corpus out of LORELEI packages: folders, zips or tar archives, of any of their layouts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from polyner.corpora.lorelei.documents import Mention, Report, Segments, read_laf, read_ltf, stem_of
from polyner.corpora.sentence import SPLITS, Corpus, Sentence
from polyner.corpora.sources.archives import read_members
from polyner.corpora.spans import Span, tags_of
from polyner.errors import CorpusError
from polyner.integrity import sha256
from polyner.progress import progress_bar

# The paper's types of the LORELEI languages; packs have titles (TTL), times and others too.
TYPES = ("PER", "ORG", "GPE", "LOC")
_TWEET = "SN_TWT"
# Where annotations of other kinds lie, in packs whose simple named entities lie in no folder of that name.
_OTHER_ANNOTATIONS = ("/full/", "np_chunking", "sem_annotation", "situation_frame", "morph")
# Folders of a package where no texts or annotations lie.
_ACCESSORIES = {"tools", "docs", "dtd", "dtds"}


def read_packages(
    packages: Sequence[Path], language: str, types: Collection[str] = TYPES
) -> tuple[Corpus, Report, dict[str, str]]:
    """The corpus of all documents of the packages that have simple named entities, a report, and the files' SHA-256.

    Of several annotations of a document the first is kept.
    Documents go whole into train, dev or test, 80, 10 and 10 in 100, by a hash of their names: the same documents
    always fall the same way. Raises CorpusError where there is nothing annotated, too little, or a file is malformed.
    """
    report = Report()
    annotations: dict[str, tuple[str, bytes]] = {}
    for package in packages:
        found = dict(read_members(package, lambda name: name.endswith(".laf.xml"), zips=_may_have_data))
        for name in _simple(found):
            kept = annotations.setdefault(stem_of(name), (f"{package}: {name}", found[name]))
            report.repeated += kept[0] != f"{package}: {name}"
    if not annotations:
        raise CorpusError(f"{', '.join(map(str, packages))}: no .laf.xml with simple named entities in it")
    documents: dict[str, list[Sentence]] = {}
    with progress_bar(f"{language} documents", len(annotations)) as advance:
        for stem, text in _texts(packages, annotations, report).items():
            name, data = annotations[stem]
            documents[stem] = sentences_of(text, read_laf(data, name, text, report), types, report)
            advance(stem)
    report.documents = len(documents)
    for stem in annotations.keys() - documents.keys():
        report.tweets += stem.startswith(_TWEET)
        report.no_text += not stem.startswith(_TWEET)
    splits = split_documents({stem: found for stem, found in documents.items() if found})
    return Corpus(language, **splits), report, {path.name: sha256(path) for path in packages if path.is_file()}


def sentences_of(
    segments: Segments, mentions: Sequence[Mention], types: Collection[str], report: Report
) -> list[Sentence]:
    """A sentence for each segment that has tokens, tagged with the mentions of the wanted types.

    A token belongs to a mention if they share a character; so a mention that starts or ends inside a token is snapped
    outwards. Of overlapping mentions the longest stays, the first of equally long ones. A mention in several
    segments is cut to the one that has most of its tokens.
    """
    spans: dict[int, list[Span]] = {}
    for mention in sorted(mentions, key=lambda m: (m.start - m.end, m.start, m.type)):
        if mention.type not in types:
            report.other_types[mention.type] += 1
            continue
        if (place := _tokens_of(segments, mention, report)) is None:
            report.no_token += 1
            continue
        number, span = place
        own = spans.setdefault(number, [])
        if any(span.start < other.end and other.start < span.end for other in own):
            report.overlapping += 1
            continue
        own.append(span)
        report.kept[mention.type] += 1
        first, last = segments[number][span.start], segments[number][span.end - 1]
        report.snapped += first.start < mention.start or last.end > mention.end
    report.empty_segments += sum(not tokens for tokens in segments)
    return [
        Sentence(tuple(token.text for token in tokens), tags_of(sorted(spans.get(number, [])), len(tokens)))
        for number, tokens in enumerate(segments)
        if tokens
    ]


def _tokens_of(segments: Segments, mention: Mention, report: Report) -> tuple[int, Span] | None:
    """The segment and the tokens that a mention touches."""
    touched = []
    for number, tokens in enumerate(segments):
        if not tokens or tokens[-1].end < mention.start or tokens[0].start > mention.end:
            continue
        if inside := [i for i, token in enumerate(tokens) if token.start <= mention.end and token.end >= mention.start]:
            touched.append((number, Span(inside[0], inside[-1] + 1, mention.type)))
    if not touched:
        return None
    report.across_segments += len(touched) > 1
    return max(touched, key=lambda place: (place[1].end - place[1].start, -place[0]))


def split_documents(documents: Mapping[str, Sequence[Sentence]]) -> dict[str, tuple[Sentence, ...]]:
    """Whole documents in three splits, 80, 10 and 10 in 100 of them, at least one each.

    They are ordered by a hash of their names, so that neighbours in time and source are not together. Raises
    CorpusError for fewer than three documents.
    """
    if len(documents) < len(SPLITS):
        raise CorpusError(f"{len(documents)} annotated documents with text: three splits need at least three")
    order = sorted(documents, key=lambda stem: hashlib.sha256(stem.encode()).hexdigest())
    tenth = max(1, round(0.1 * len(order)))
    parts = {"dev": order[:tenth], "test": order[tenth : 2 * tenth], "train": order[2 * tenth :]}
    return {split: tuple(s for stem in sorted(parts[split]) for s in documents[stem]) for split in SPLITS}


def _simple(names: Collection[str]) -> list[str]:
    """The files with simple named entities: those in a folder `simple`, or all that are nothing else."""
    simple = [name for name in names if "/simple/" in f"/{name}"]
    return simple or [name for name in names if not any(other in f"/{name}" for other in _OTHER_ANNOTATIONS)]


def _may_have_data(name: str) -> bool:
    """Whether a zip in a package is one of texts or annotations; others may be anything, even damaged."""
    return not _ACCESSORIES & set(name.lower().split("/")[:-1])


def _texts(packages: Sequence[Path], wanted: Collection[str], report: Report) -> dict[str, Segments]:
    """The texts of these documents, wherever in the packages they lie; of several copies, the first."""
    found: dict[str, Segments] = {}
    for package in packages:
        looked_for = lambda name: name.endswith(".ltf.xml") and stem_of(name) in wanted  # noqa: E731
        for name, data in read_members(package, looked_for, zips=_may_have_data):
            if stem_of(name) not in found:
                found[stem_of(name)] = read_ltf(data, f"{package}: {name}", report)
    return dict(sorted(found.items()))
