"""How a table is printed on a page: names people read, true minus signs, run ids cut to what tells them apart."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
from pandas.api.types import is_bool, is_float

from polyner.book.markup import folded
from polyner.corpora.languages import is_language, language_name
from polyner.names import GROUP_NAMES, LINKED, REGIME_NAMES, architecture_name, group_name
from polyner.paper.words import number


def _code_name(code: str) -> str:
    """The name of a regime, of a group of the paper, or of a language."""
    return REGIME_NAMES.get(code) or GROUP_NAMES.get(code) or language_name(code)


# Where a cell is the code of a model, group, regime or language, and how that is called.
_CODED = {"model": architecture_name, "group": group_name}
_CODED |= dict.fromkeys(("regime", "language", "first", "second"), _code_name)
_MISSING = "–"
_LONG = 40
# Pixels: of a page's column of text, of a character in a table, and between two columns of it.
_COLUMN_OF_TEXT, _CHARACTER, _GAP = 688, 7.5, 12


def table_markup(table: pd.DataFrame, caption: str = "", digits: int = 2) -> str:
    """A table as HTML: numbers to `digits` decimals and aligned right, what is missing as “–”, all text escaped.

    Models, groups, regimes and languages are called by their names, headers have blanks for underscores. Headers that
    are codes of languages count as such where the axis of the columns is called `language`, as a pivot has it. Of the
    ids in a column `run`, only the hash at the end is shown, and the whole id on hover. Wide tables may use the page's
    margin, and scroll in a box of their own. Rows of results can be linked to the marks of charts.
    """
    names = [_header(column, of_languages=table.columns.name == "language") for column in table]
    table = table.reset_index(drop=True)
    cells = {i: _cell(name, digits) for i, name in enumerate(table)}
    # Sentences may wrap.
    prose = table.map(lambda value: "prose" if isinstance(value, str) and len(value) > _LONG and " " in value else "")
    shown = table.set_axis(range(table.shape[1]), axis="columns")
    style = shown.style.hide(axis="index").format(cells, na_rep=_MISSING, escape="html")
    style = style.relabel_index([html.escape(name) for name in names], axis="columns")
    style = style.set_table_attributes(f'class="polyner-table"{_records(table)}')
    style.cell_ids = False
    style = style.set_td_classes(prose.set_axis(shown.columns, axis="columns"))
    numbers = shown.select_dtypes("number")
    if selectors := ", ".join(f"{kind}.col{i}" for i in numbers for kind in ("th", "td")):
        style = style.set_table_styles([{"selector": selectors, "props": "text-align: right"}])
    label = ""
    if caption:
        style = style.set_caption(html.escape(caption))
        label = f' role="region" aria-label="{html.escape(caption)}"'
    place = "polyner-scroll full-width" if _width(table, names, cells) > _COLUMN_OF_TEXT else "polyner-scroll"
    return f'<div class="{place}" tabindex="0"{label}>{style.to_html()}</div>'


def folded_table(table: pd.DataFrame, caption: str, digits: int = 2) -> str:
    """A table as `table_markup` makes it, folded under its caption."""
    return folded(caption, table_markup(table, "", digits))


def _records(table: pd.DataFrame) -> str:
    """What the rows are about, as an attribute: the fields by which the page links them to the marks of charts; and the
    names of their values.

    Only tables of results are linked: those that say of which model or regime their numbers are.
    """
    fields = [field for field in LINKED if field in table]
    if not {"model", "regime"} & set(fields):
        return ""
    records = [
        {field: str(value) for field, value in zip(fields, row, strict=True) if isinstance(value, str)}
        for row in table[fields].itertuples(index=False)
    ]
    named = {value: _CODED[field](value) for record in records for field, value in record.items()}
    names = {value: name for value, name in named.items() if name != value}
    return "".join(
        f' data-{name}="{html.escape(json.dumps(what))}"' for name, what in (("rows", records), ("names", names))
    )


def _header(column: object, of_languages: bool) -> str:
    """The name of a column, which may be a regime, a group of the paper or a model, as it is printed."""
    if of_languages and is_language(str(column)):
        return language_name(str(column))
    name = architecture_name(str(column))
    name = REGIME_NAMES.get(name) or GROUP_NAMES.get(name) or name.replace("_", " ")
    return re.sub(r"\bf1\b", "F1", name)


def _cell(column: object, digits: int) -> Callable[[Any], str]:
    """How the cells of a column are written; text comes escaped."""

    def write(value: Any) -> str:
        if is_bool(value):
            return "yes" if value else "no"
        if isinstance(value, str):
            if column == "run":
                return f'<span title="{value}">{value.rpartition("-")[2]}</span>'
            # The text of a corpus may run from right to left, which must not turn what stands around it.
            turned = any(unicodedata.bidirectional(character) in ("R", "AL") for character in value)
            return _CODED[column](value) if column in _CODED else f"<bdi>{value}</bdi>" if turned else value
        if is_float(value):
            return number(value, digits)
        return str(value).replace("-", "−")

    return write


def _width(table: pd.DataFrame, names: Sequence[str], cells: Mapping[int, Callable[[Any], str]]) -> float:
    """About how wide a table is in pixels where headers are broken between words; `cells` as `_cell` writes them."""
    width = 0.0
    for position, write in cells.items():
        lengths = {len(re.sub("<[^>]*>", "", write(value))) for value in table.iloc[:, position].dropna()}
        width += _GAP + _CHARACTER * max(min(max(lengths, default=1), _LONG), *map(len, names[position].split()), 1)
    return width
