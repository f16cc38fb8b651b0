"""The formats of the public repositories."""

import pytest

from polyner.corpora.sources.formats import read_bare_types, read_factrueval
from polyner.errors import CorpusError
from tests.conftest import sentence


def test_bare_types_lose_words_of_control_characters():
    read = read_bare_types({"a": "\x7f\tB-LOC\ne\u0301\x7f\tPER\n\n\x7f\tO\n".encode()})
    assert read.sentences == (sentence("\u00e9/B-PER"),)
    assert read.repairs["words dropped"] == 2


def factrueval(*words, objects="1 Person 7"):
    tokens = "\n".join(f"{i} {i} 1 {word}" if word else "" for i, word in enumerate(words))
    files = {"tokens": tokens, "spans": "7 name 0 9 0 3 # 0 1 2", "objects": objects}
    return read_factrueval({f"d.{kind}": text.encode() for kind, text in files.items()})


def test_factrueval_loses_words_of_control_characters():
    read = factrueval("Ali", "\x7f", "e\u0301", "x", "", "\ufeff")
    assert read.sentences == (sentence("Ali/B-Person \u00e9/I-Person x"),)
    assert read.repairs["words dropped"] == 2


def test_a_token_that_is_not_there_is_an_error():
    with pytest.raises(CorpusError, match="not in FactRuEval's format: '2'"):
        factrueval("Ali", "x")
