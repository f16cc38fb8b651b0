import pytest

from polyner.analysis.contrasts import Contrasts, plain
from polyner.corpora.languages import table2
from polyner.paper import figure_statements, published_results, table1, table1_averages, table3


def test_table1_has_every_printed_cell():
    cells = table1().set_index(["model", "regime", "language"])["f1"]
    # Five architectures in three regimes on 14 languages, less fine-tuned Byte-to-Span and mBERT on Amharic.
    assert len(cells) == 5 * 3 * 14 - 14 - 3
    assert cells.index.is_unique
    assert cells["char-crf", "monolingual", "eng"] == 84.91
    assert cells["byte-crf", "polyglot", "nld"] == 79.43
    assert cells["mbert-crf", "fine_tuned", "vie"] == 56.74
    assert ("mbert-crf", "polyglot", "amh") not in cells
    assert ("byte-to-span", "fine_tuned", "eng") not in cells


def test_table1_groups_are_those_of_table2():
    cells = table1()
    assert (cells["group"] == cells["language"].map(lambda code: table2()[code].group)).all()


def test_printed_averages_stand_beside_the_mean_of_their_cells():
    averages = table1_averages().set_index(["model", "regime", "group"])
    assert len(averages) == (5 * 3 - 1) * 2
    char = averages.loc[("char-crf", "polyglot", "conll")]
    assert (char["printed"], char["recomputed"]) == (77.85, pytest.approx((83.38 + 70.86 + 79.38 + 81.64) / 4))
    mbert = averages.loc[("mbert-crf", "fine_tuned", "lorelei")]
    assert (mbert["languages"], mbert["printed"], round(mbert["recomputed"], 2)) == (9, 69.97, 67.97)
    # Both are printed to two digits, which explains a difference of half a digit twice.
    assert ((averages["printed"] - averages["recomputed"]).abs() > 0.01 + 1e-9).sum() == 9


def test_table3_holds_the_held_out_languages():
    cells = table3().set_index(["language", "regime"])["f1"]
    assert len(cells) == 12
    assert cells["yor", "zero_shot"] == 29.02
    assert cells["rus", "fine_tuned"] == 41.55


def test_a_table_can_be_changed_without_changing_the_next():
    for table in (table1, table3):
        changed = table()
        changed["f1"] = 0.0
        assert table()["f1"].min() > 0


def test_figures_state_something():
    for figure in ("1", "2", "3", "4"):
        statements = figure_statements(figure)
        assert list(statements) == [f"Figure {figure}, the paper"]
        assert len(statements) >= 2


def test_published_cells_compare_like_results():
    table = Contrasts(published_results()).table(*plain("monolingual", "fine_tuned"))
    gains = table.set_index(["model", "language"])["difference"]
    assert len(gains) == 14 * 4 - 1
    assert gains["byte-crf", "spa"] == pytest.approx(82.95 - 81.19)
