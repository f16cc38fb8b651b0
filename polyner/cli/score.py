"""`polyner score`: what conlleval prints."""

from __future__ import annotations

from typing import Annotated

import typer

from polyner.cli.options import AsJson, opened
from polyner.cli.output import examples, print_json, print_note
from polyner.corpora.columns import Columns
from polyner.corpora.conll import to_iob2
from polyner.errors import CorpusError

EXAMPLES = examples(
    "polyner score predictions/spa.test.conll",
    "polyner tag RUN test.conll | polyner score -",
    "polyner score predictions/spa.test.conll --json",
)


def score(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Columns by tabs or blanks; - for standard input.")],
    as_json: AsJson = False,
) -> None:
    """Score predicted tags as conlleval does.

    The last two columns of FILE are the gold and the predicted tag; the gold
    tag may be in a column that a line '# global.columns = …' names NER.
    The output is what the official CoNLL script conlleval prints for IOB1 and
    IOB2, to the digit, but that -DOCSTART- lines and comments are no words.
    BIOES and BILOU, which conlleval does not know, are read as IOB2 first.
    """
    gold, predicted = [], []
    with opened(file) as (name, stream):
        columns = Columns(name, stream)
        for rows in columns:
            named = columns.tag_column
            gold.append(columns.tags(rows, -2 if named in (None, len(rows[0][1]) - 1) else named))
            predicted.append(columns.tags(rows, -1))
    if not gold:
        raise CorpusError(f"{name}: the file holds no sentence")
    if foreign := sorted({tag[0] for tags in (*gold, *predicted) for tag in tags} & set("ELSU")):
        gold, predicted = ([to_iob2(tags)[0] for tags in side] for side in (gold, predicted))
        prefixes = ", ".join(f"{prefix}-" for prefix in foreign)
        print_note(f"{name}: {prefixes} are scored as in IOB2; conlleval does not know them and counts otherwise")
    from polyner import scoring

    if as_json:
        print_json({"tokens": sum(map(len, gold)), **scoring.score(gold, predicted).as_dict()})
    else:
        print(scoring.conlleval_report(gold, predicted))
