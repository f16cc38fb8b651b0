"""What holds of every chart: it compiles, has words, leaves its table alone, and refuses what it cannot draw."""

import inspect

import altair as alt
import pandas as pd
import pytest

from tests import test_charts, test_charts_analysis, test_charts_changes, test_charts_models
from tests.charted import rows, spec_of

MODULES = (test_charts, test_charts_analysis, test_charts_changes, test_charts_models)
ALL = {name: each for module in MODULES for name, each in module.ALL.items()}
# These draw means and sums; learning curves leave out epochs instead.
AGGREGATED = {*test_charts_analysis.ALL, "learning_curve"}
# Columns with text that a corpora folder or a file in it may have chosen.
OF_A_CORPUS = {"language", "type", "gold", "predicted", "text", "unit", "label"}
EVERY = pytest.mark.parametrize(("chart", "table", "column"), ALL.values(), ids=ALL.keys())


@EVERY
def test_every_chart_compiles_has_words_and_leaves_its_table_alone(chart, table, column):
    import vl_convert

    before = table.copy()
    spec = chart(table).to_dict()
    assert spec["width"] == "container"
    assert spec["config"]["background"] == "transparent"
    assert spec["title"]["subtitle"]
    assert spec["description"].startswith(spec["usermeta"]["polyner"]["finding"])
    assert "<svg" in vl_convert.vegalite_to_svg(spec)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("name", [name for name in ALL if "title" in inspect.signature(ALL[name][0]).parameters])
def test_charts_that_take_a_title_have_it(name):
    chart, table, _ = ALL[name]
    finding = "Fine-tuned models beat monolingual ones on nearly every language of both groups"
    lines = chart(table, title=finding).title.subtitle
    assert " ".join(lines).startswith(finding)
    assert max(map(len, lines)) <= 50


@EVERY
def test_every_chart_refuses_what_it_cannot_draw(request, chart, table, column):
    name = request.node.callspec.id
    with pytest.raises(ValueError, match=f"{name}: the table is empty"):
        chart(table.iloc[:0])
    with pytest.raises(ValueError, match=f"{name}: the table lacks {column}"):
        chart(table.drop(columns=column))
    if "regime" in table:
        with pytest.raises(ValueError, match="unknown regime distilled"):
            chart(table.replace({"regime": {"monolingual": "distilled"}}))
    long = pd.concat([table] * (10_001 // len(table) + 1), ignore_index=True)
    if name in AGGREGATED:
        assert len(rows(spec_of(chart(long)))) <= 5000
    elif name != "slopes":  # which have a row a cell
        with pytest.raises(alt.MaxRowsError):
            chart(long)


@EVERY
def test_charts_in_a_page_cannot_end_their_script(chart, table, column):
    texts = [name for name in OF_A_CORPUS & set(table) if isinstance(table[name].iloc[0], str)]
    hostile = table.assign(**{name: table[name] + "</script><img src=x onerror=alert(1)>" for name in texts})
    (html,) = chart(hostile)._repr_mimebundle_().values()
    assert "</script><img" not in html
    assert html.count("</script>") == 1
