"""The figures and tables of the book, each a function from the findings of a study to what is shown of it."""

# ruff: noqa: F401

from polyner.book.exhibits.analyses import (
    common_names,
    confusion,
    efficiencies,
    overlap,
    overlaps_beside_nulls,
    precision,
    pruning,
    recall_errors,
    span_errors,
    thresholds,
)
from polyner.book.exhibits.beyond import (
    capacity,
    conflicts,
    course,
    forgetting,
    joint_training,
    many_languages,
    relatives,
    sampling,
)
from polyner.book.exhibits.scores import (
    changes_beside,
    curves,
    label_shares,
    labels,
    learning,
    novel,
    relatedness,
    settings,
    table1_of,
    unreachable,
    variants,
    verdicts_on,
)
