"""The claim about label distributions, on corpora made by hand."""

import pytest

from polyner.corpora.sentence import Corpus, Sentence
from polyner.corpora.sources.known import KNOWN
from polyner.paper import Evidence, verdict

CONLL = {code: KNOWN[name][code]["train"].entities for name in ("conll2002", "conll2003") for code in KNOWN[name]}


def corpus(language: str, counts: dict[str, int]) -> Corpus:
    """A corpus whose training sentences are one name each, so many of each type."""
    train = tuple(Sentence(("w",), (f"B-{name}",)) for name, count in counts.items() for _ in range(count))
    return Corpus(language, train, (), (), source="folder")


def test_the_conll_corpora_are_known_by_their_entities():
    published = {code: corpus(code, counts) for code, counts in CONLL.items()}
    judged = verdict("baselines-label-shift", Evidence.of_corpora(published))
    assert (judged.verdict, judged.label) == ("holds", "holds of the parts run")
    assert [part.group for part in judged.parts] == ["conll"]
    assert 0.01 < judged.parts[0].low < judged.parts[0].figure < judged.parts[0].high < 0.1


@pytest.mark.parametrize("groups", [("eng", "deu"), ("amh", "hin"), ("eng", "deu", "amh", "hin")])
def test_on_other_corpora_divergences_are_shown_and_not_judged(groups):
    apart = {code: corpus(code, {"PER": 10 + 20 * i, "LOC": 30}) for i, code in enumerate(groups)}
    judged = verdict("baselines-label-shift", Evidence.of_corpora(apart))
    assert judged.verdict == "not testable here"
    assert len(judged.parts) == len(groups) // 2
    assert {part.verdict for part in judged.parts} == {""}


def test_one_corpus_has_nothing_to_compare():
    assert (
        verdict("baselines-label-shift", Evidence.of_corpora({"eng": corpus("eng", {"PER": 1})})).verdict == "not run"
    )
