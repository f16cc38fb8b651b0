"""`polyner score`: what conlleval prints."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

import typer

from polyner.cli.columns import decoded, fields_of, opened
from polyner.cli.options import AsJson
from polyner.cli.output import examples, print_json
from polyner.errors import CorpusError

EXAMPLES = examples(
    "polyner score predictions/spa.test.conll",
    "polyner tag RUN test.conll | polyner score -",
    "polyner score predictions/spa.test.conll --json",
)
_BOUNDARY = "-X-"  # the script's own mark of a sentence's end, beside the blank line
_TAG = re.compile(r"O|[BIES]-\S+")


def score(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Columns by tabs or blanks; - for standard input.")],
    as_json: AsJson = False,
) -> None:
    """Score predicted tags as conlleval does.

    The last two columns of FILE are the gold and the predicted tag.
    The output is what the official CoNLL script conlleval prints, to the digit.
    """
    with opened(file) as (name, stream):
        gold, predicted = _gold_and_predicted(name, stream)
    from polyner.scoring import conlleval_report
    from polyner.scoring import score as score_tags

    if not as_json:
        print(conlleval_report(gold, predicted))
        return
    print_json({"tokens": sum(map(len, gold)), **score_tags(gold, predicted).as_dict()})


def _gold_and_predicted(name: str, stream: Iterable[bytes]) -> tuple[list[list[str]], list[list[str]]]:
    gold: list[list[str]] = [[]]
    predicted: list[list[str]] = [[]]
    columns = 0
    for number, line in decoded(name, stream):
        fields = fields_of(line)
        if not line.strip() or fields[0] == _BOUNDARY:
            gold.append([])
            predicted.append([])
            continue
        columns = columns or len(fields)
        if len(fields) != columns:
            raise CorpusError(f"{name}:{number}: {len(fields)} columns where the lines before have {columns}")
        if columns < 2:
            raise CorpusError(f"{name}:{number}: one column where a gold and a predicted tag were expected")
        for tag in fields[-2:]:
            if not _TAG.fullmatch(tag):
                raise CorpusError(f"{name}:{number}: {tag!r:.60} is no tag of IOB1, IOB2 or BIOES")
        gold[-1].append(fields[-2])
        predicted[-1].append(fields[-1])
    if not columns:
        raise CorpusError(f"{name}: the file holds no sentence")
    return gold, predicted
