"""§6: conflicts of gradients, and what fine-tuning forgets, of a small study."""

import pytest
import torch

from polyner.corpora.prepare import sample_sentences
from polyner.findings.optima import SENTENCES, gradient_cosines
from polyner.models import load_tagger
from polyner.scoring import score


def polyglot(study, group, seed=1, variant=""):
    return study.run(study.analysed_model, "polyglot", study.groups()[group], seed, variant)


def test_conflicts_are_the_mean_cosines_of_pairs_of_languages(study, live):
    table = live.tables["conflicts"].set_index(["group", "variant", "seed", "source", "layer"])
    run = polyglot(study, "conll")
    tagger, codes, sentences = load_tagger(run.folder), [], []
    for code in study.groups()["conll"]:
        own = sample_sentences(study.corpora[code].train, SENTENCES)
        codes += [code] * len(own)
        sentences += own
    cosines = gradient_cosines(tagger, tagger.encode(sentences, codes, training=True), torch.arange(len(codes)))
    pairs = cosines.loc[cosines["layer"] == "all", "cosine"]
    row = table.loc[("conll", "", 1, "trained", "all")]
    assert row["cosine"] == pytest.approx(pairs.mean(), abs=1e-5)
    assert row["below_zero"] == (pairs < 0).mean()
    assert row["run"] == run.id
    assert {(group, variant) for group, variant, *_ in table.index} == {
        *(("conll", variant) for variant in ("", "mgda")),
        ("lorelei", ""),
    }
    assert table["cosine"].between(-1, 1).all()


def test_the_course_begins_with_fresh_weights_and_ends_with_those_of_the_run(study, live):
    course, conflicts = live.tables["course"], live.tables["conflicts"]
    assert set(zip(course["group"], course["seed"], strict=True)) == {("conll", 1), ("conll", 2)}
    own = conflicts[(conflicts["group"] == "conll") & (conflicts["variant"] == "")]
    for seed, epochs in course.groupby("seed"):
        metrics = polyglot(study, "conll", seed).metrics
        last, best = metrics["epochs"], metrics["best_epoch"]
        assert list(dict.fromkeys(epochs["epoch"])) == [0, *(each for each in (1, 2, 4) if each < last), last]
        # Trained once more, it has the weights of its best epoch from that on.
        for epoch, source in ((0, "untrained"), *((each, "trained") for each in (1, 2, 4, last) if each >= best)):
            there = own[(own["seed"] == seed) & (own["source"] == source)].set_index("layer")["cosine"]
            found = epochs[epochs["epoch"] == epoch].set_index("layer")["cosine"]
            assert found[there.index].tolist() == pytest.approx(there.tolist(), abs=1e-4, nan_ok=True)


def test_forgetting_is_f1_on_the_languages_that_were_not_fine_tuned_on(study, live):
    table = live.tables["forgetting"]
    assert (table["language"] != table["other"]).all()
    assert set(zip(table["group"], table["variant"], strict=True)) == {
        ("conll", way) for way in ("polyglot", "", "ewc")
    }
    run = study.run(study.analysed_model, "fine_tuned", ("spa",), 2, "ewc", group="conll")
    test = study.corpora["eng"].test
    found = load_tagger(run.folder).tag([each.words for each in test], "eng")
    (row,) = table[table["run"] == run.id].to_dict("records")
    assert (row["group"], row["language"], row["other"], row["variant"]) == ("conll", "spa", "eng", "ewc")
    assert row["f1"] == pytest.approx(score([each.tags for each in test], found).f1)
    kept = live.estimates["kept"]
    assert kept.keys() == {("conll", "polyglot"), ("conll", "ewc")}
    means = table[table["group"] == "conll"].groupby("variant")["f1"].mean()
    assert kept["conll", "ewc"].figure == pytest.approx(means["ewc"] - means[""])
    assert kept["conll", "polyglot"].second == pytest.approx(means["polyglot"])
    assert kept["conll", "ewc"].seeds == 2


def test_all_are_recorded(live, read):
    for name in ("conflicts", "course", "forgetting"):
        assert len(read.tables[name]) == len(live.tables[name])
    assert read.estimates["kept"]["conll", "ewc"].figure == pytest.approx(live.estimates["kept"]["conll", "ewc"].figure)
