"""The claim about label distributions, on corpora made by hand."""

import pytest

from polyner.corpora.sentence import Corpus, Sentence
from polyner.corpora.sources.provenance import KNOWN
from polyner.findings.corpora import label_shift_table
from tests.paper import made

CONLL = {code: KNOWN[name][code]["train"].entities for name in ("conll2002", "conll2003") for code in KNOWN[name]}


def corpus(language: str, counts: dict[str, int]) -> Corpus:
    """A corpus whose training sentences are one name each, so many of each type."""
    train = tuple(Sentence(("w",), (f"B-{name}",)) for name, count in counts.items() for _ in range(count))
    return Corpus(language, train, (), (), source="folder")


def judged(corpora: dict[str, Corpus]):
    return made.judged("baselines-label-shift", tables={"label_shift": label_shift_table(corpora)})


def test_the_conll_corpora_are_known_by_their_entities():
    published = {code: corpus(code, counts) for code, counts in CONLL.items()}
    found = judged(published)
    assert (found.verdict, found.label) == ("holds", "holds in part")
    (part,) = found.parts
    assert part.group == "conll"
    assert 0.01 < part.low < part.figure < part.high < 0.1


@pytest.mark.parametrize("groups", [("eng", "deu"), ("amh", "hin"), ("eng", "deu", "amh", "hin")])
def test_on_other_corpora_divergences_are_shown_and_not_judged(groups):
    apart = {code: corpus(code, {"PER": 10 + 20 * i, "LOC": 30}) for i, code in enumerate(groups)}
    found = judged(apart)
    assert found.verdict == "not testable here"
    assert len(found.parts) == len(groups) // 2
    assert {part.verdict for part in found.parts} == {""}


def test_one_corpus_has_nothing_to_compare():
    assert judged({"eng": corpus("eng", {"PER": 1})}).verdict == "not run"
    nameless = Corpus("deu", (Sentence(("w",), ("O",)),), (), (), source="folder")
    assert judged({"eng": corpus("eng", {"PER": 1}), "deu": nameless}).verdict == "not run"
