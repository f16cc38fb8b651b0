"""Code on a page is the package's own, word for word."""

from __future__ import annotations

import inspect

import pytest

from polyner.book.code import show_code
from polyner.models.characters import Speller
from polyner.models.crf import Chain, viterbi
from polyner.models.tagger import Tagger
from polyner.models.word_crf import ByteCRF, WordCRF


@pytest.fixture
def shown(monkeypatch) -> list[str]:
    """The Markdown that was displayed."""
    texts: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda output: texts.append(output.data))
    return texts


def test_function_is_shown_as_it_stands_in_the_package(shown):
    show_code(viterbi)
    assert shown == [f"`polyner.models.crf` · **viterbi**\n\n````python\n{inspect.getsource(viterbi).rstrip()}\n````"]


@pytest.mark.parametrize(
    ("code", "first"),
    [
        (Speller.__call__, "def __call__(self, text: str) -> list[int]:"),
        (ByteCRF.build, "@classmethod"),  # bound
        (ByteCRF.encode, "def encode("),  # inherited
        (Tagger._of_each, "@torch.inference_mode()"),  # wrapped
        (Chain, "class Chain(NamedTuple):"),
    ],
)
def test_methods_and_classes_are_moved_to_the_margin(shown, code, first):
    show_code(code)
    lines = shown[0].splitlines()[3:-1]
    assert lines[0] == first
    compile("\n".join(["from __future__ import annotations", *lines]), "shown", "exec")


def test_several_blocks_come_under_their_names(shown):
    show_code(ByteCRF.encode, WordCRF.vectors)
    (text,) = shown
    assert "`polyner.models.sentence_crf` · **SentenceCRF.encode**" in text
    assert "**WordCRF.vectors**" in text
    assert text.count("```python") == 2


def test_code_with_backticks_does_not_end_its_block(shown):
    show_code(Tagger.generate_model_card)
    (text,) = shown
    assert "\n````python\n" in text
    assert text.endswith("\n````")


@pytest.mark.parametrize("code", [3, "viterbi", None, str])
def test_what_has_no_source_is_refused(code):
    with pytest.raises(TypeError):
        show_code(code)
