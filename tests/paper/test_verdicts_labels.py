"""The claim about label distributions, on corpora made by hand."""

import pytest

from polyner.corpora.sentence import Corpus, Sentence
from polyner.paper import Evidence, verdict


def corpus(language: str, tags: str, source: str = "folder") -> Corpus:
    """A corpus whose training sentences are one word each, with these tags' types."""
    train = tuple(Sentence((f"w{i}",), (f"B-{tag}",)) for i, tag in enumerate(tags.split()))
    return Corpus(language, train, (), (), source=source)


def test_label_shift_compares_the_groups():
    apart = {"eng": corpus("eng", "PER " * 30), "deu": corpus("deu", "LOC " * 30)}
    alike = {"amh": corpus("amh", "PER LOC " * 30), "hin": corpus("hin", "PER LOC " * 30)}
    judged = verdict("baselines-label-shift", Evidence.of_corpora(apart | alike))
    assert judged.verdict == "holds"
    assert judged.figure == pytest.approx(0.0, abs=1e-9)
    assert 0 == judged.low <= judged.high < 0.1
    renamed = {"eng": "amh", "deu": "hin", "amh": "eng", "hin": "deu"}
    swapped = {renamed[code]: Corpus(renamed[code], found.train, (), ()) for code, found in (apart | alike).items()}
    alone = verdict("baselines-label-shift", Evidence.of_corpora(swapped))
    assert (alone.verdict, alone.figure) == ("undecided", None)  # there is nothing to be a share of
    assert verdict("baselines-label-shift", Evidence.of_corpora(apart)).verdict == "not run"


@pytest.mark.parametrize(
    ("most", "times", "expected"),
    [
        (110, 1, "holds"),
        (140, 1, "undecided"),
        (140, 20, "holds"),
        (150, 20, "does not hold"),
        (160, 5, "does not hold"),
    ],
)
def test_a_little_less_shift_is_not_little(most, times, expected):
    """English and German have 160 of 200 names of one type each, Amharic and Hindi `most`."""
    counts = {"eng": (160, 40), "deu": (40, 160), "amh": (most, 200 - most), "hin": (200 - most, most)}
    corpora = {code: corpus(code, times * ("PER " * per + "LOC " * loc)) for code, (per, loc) in counts.items()}
    judged = verdict("baselines-label-shift", Evidence.of_corpora(corpora))
    assert judged.verdict == expected
    assert (judged.line, judged.unit) == (0.5, "of that between CoNLL languages")
    assert judged.low <= judged.figure <= judged.high
