"""What a comparison sees of a table of results, and what it makes of it."""

import numpy as np
import pandas as pd
import pytest

from polyner.analysis.contrasts import Contrasts, novel_groups, plain


def results() -> pd.DataFrame:
    """Two languages trained together and a novel one, three seeds, a variant; scores drawn at random."""
    drawn, rows = np.random.default_rng(0), []
    cells = [("monolingual", "", "conll"), ("polyglot", "", "conll"), ("monolingual", "more_dropout", "conll")]
    cells += [("monolingual", "", "new"), ("zero_shot", "", "new"), ("fine_tuned", "", "new")]
    for regime, variant, group in cells:
        for language in ("eng", "deu") if group == "conll" else ("rus",):
            for seed in (1, 2, 3):
                run = f"p{seed}" if regime in ("polyglot", "zero_shot") else f"{regime}{variant}-{language}-{seed}"
                score = 50 + drawn.normal()
                rows.append(("byte-crf", regime, variant, group, language, seed, "test", score, run))
    columns = ["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]
    return pd.DataFrame(rows, columns=columns)


def test_what_else_a_study_has_does_not_move_an_interval():
    whole = results()
    alone = whole[(whole["variant"] == "") & (whole["group"] == "conll")]
    sides = plain("monolingual", "polyglot")
    one, other = (Contrasts(table).differences(*sides) for table in (whole, alone))
    assert one == other
    dev = whole.assign(split="dev", f1=0.0)
    assert Contrasts(pd.concat([whole, dev])).differences(*sides) == one  # of test data
    (found,) = one.values()
    means = alone.groupby("regime")["f1"].mean()
    assert found.figure == pytest.approx(means["polyglot"] - means["monolingual"])


def test_tables_by_language_and_on_average():
    contrasts = Contrasts(results())
    table = contrasts.table(*plain("monolingual", "polyglot"))
    columns = ["model", "group", "language", "first", "second", "difference", "low", "high", "seeds", "languages"]
    assert list(table) == columns
    assert table["language"].tolist() == ["eng", "deu"]
    assert table["languages"].tolist() == [1, 1]
    average = contrasts.table(*plain("monolingual", "polyglot"), average=True)
    assert average["difference"].tolist() == pytest.approx([table["difference"].mean()])
    assert list(average) == [column for column in columns if column != "language"]
    assert average["languages"].tolist() == [2]
    dropout = {"regime": "monolingual", "variant": "more_dropout"}
    assert contrasts.table({"regime": "monolingual"}, dropout)["seeds"].tolist() == [3, 3]
    assert contrasts.table(*plain("polyglot", "fine_tuned")).empty


def test_novel_languages_and_ratios():
    table = results()
    assert novel_groups(table) == {"heldout", "new"}
    found = Contrasts(table).differences(*plain("monolingual", "zero_shot"), ratio=True)["byte-crf", "new"]
    assert found.figure == pytest.approx(found.second / found.first)
    means = Contrasts(table).means(("group", "language"), model="byte-crf", regime="monolingual")
    assert set(means) == {("conll", "eng"), ("conll", "deu"), ("new", "rus")}
    assert Contrasts(table.iloc[:0]).means() == {}
