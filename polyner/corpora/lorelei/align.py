"""From mentions at offsets of characters to tags of tokens, with a report of all that was changed or left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from polyner.corpora.lorelei.documents import Mention, Token
from polyner.corpora.sentence import Sentence
from polyner.corpora.spans import Span, tags_of

# The paper's types of the LORELEI languages; packs have titles (TTL), times and others too.
TYPES = ("PER", "ORG", "GPE", "LOC")


@dataclass
class Report:
    """What was kept of one language's packages, and what was not.

    documents: with annotations and text. repeated: further annotations of a document that has some.
    tweets: annotated tweets, whose text is not part of a package. no_text: other annotated documents whose text was not
    found. not_intact: documents whose text has not the stated MD5.
    other_tasks: annotations that are no simple named entities. unlocated: names without a type or place.
    kept: mentions by type. other_types: mentions of types that are not wanted, by type. overlapping: mentions dropped
    because a longer one covers some of their tokens. across_segments: mentions cut to the segment with most of them.
    no_token: mentions that touch no token. snapped: mentions that began or ended inside a token, and now have all of
    it. empty_tokens: tokens without any text, left out. empty_segments: segments without any token, left out.
    """

    documents: int = 0
    repeated: int = 0
    tweets: int = 0
    no_text: int = 0
    not_intact: int = 0
    other_tasks: int = 0
    unlocated: int = 0
    overlapping: int = 0
    across_segments: int = 0
    no_token: int = 0
    snapped: int = 0
    empty_tokens: int = 0
    empty_segments: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    other_types: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, int | dict[str, int]]:
        """The counts as plain values that JSON can hold."""
        return {key: dict(sorted(v.items())) if isinstance(v, Counter) else v for key, v in vars(self).items()}


def sentences_of(
    segments: Sequence[Sequence[Token]], mentions: Sequence[Mention], types: Collection[str], report: Report
) -> list[Sentence]:
    """A sentence for each segment that has tokens, tagged with the mentions of the wanted types.

    A token belongs to a mention if they share a character; so a mention that starts or ends inside a token is snapped
    outwards. Of overlapping mentions the longest stays, the first of equally long ones. A mention in several
    segments is cut to the one that has most of its tokens.
    """
    spans: dict[int, list[Span]] = {}
    wanted = []
    for mention in mentions:
        if mention.type in types:
            wanted.append(mention)
        else:
            report.other_types[mention.type] += 1
    for mention in sorted(wanted, key=lambda m: (m.start - m.end, m.start, m.type)):
        place = _tokens_of(segments, mention, report)
        if place is None:
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


def _tokens_of(segments: Sequence[Sequence[Token]], mention: Mention, report: Report) -> tuple[int, Span] | None:
    """The segment and the tokens that a mention touches."""
    touched = []
    for number, tokens in enumerate(segments):
        if not tokens or tokens[-1].end < mention.start or tokens[0].start > mention.end:
            continue
        inside = [i for i, token in enumerate(tokens) if token.start <= mention.end and token.end >= mention.start]
        if inside:
            touched.append((number, Span(inside[0], inside[-1] + 1, mention.type)))
    if not touched:
        return None
    report.across_segments += len(touched) > 1
    return max(touched, key=lambda place: (place[1].end - place[1].start, -place[0]))
