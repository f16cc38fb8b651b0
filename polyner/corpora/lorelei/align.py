"""From mentions at offsets of characters to tags of tokens, with a report of all that was changed or left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from polyner.corpora.lorelei.documents import Mention, Report, Segments
from polyner.corpora.sentence import Sentence
from polyner.corpora.spans import Span, tags_of

# The paper's types of the LORELEI languages; packs have titles (TTL), times and others too.
TYPES = ("PER", "ORG", "GPE", "LOC")


def sentences_of(
    segments: Segments, mentions: Sequence[Mention], types: Collection[str], report: Report
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


def _tokens_of(segments: Segments, mention: Mention, report: Report) -> tuple[int, Span] | None:
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
