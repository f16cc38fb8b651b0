"""Byte-to-Span: spans to symbols and back, windows cut on the fly, stitching, and a model that learns."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyner.corpora.sentence import Sentence
from polyner.errors import PolynerError
from polyner.models import load_tagger, model_class
from polyner.models.byte_spans import (
    STOP,
    ByteSpan,
    Symbols,
    lost_entities,
    stitch,
    stream_of,
    window_starts,
    word_tags,
)
from polyner.training.config import TrainingConfig
from polyner.training.loop import train
from tests.conftest import built, sentence, small_corpus
from tests.corpora.test_conll import TYPES, sentences

SMALL = {"embedding_size": 24, "hidden_size": 48, "layers": 1, "byte_dropout": 0.0, "layer_dropout": 0.0}
ALL_TYPES = sentence("a/B-PER a/B-ORG a/B-LOC")


def tagger(**overrides):
    return built("byte-to-span", {"eng": [ALL_TYPES]}, **{**SMALL, **overrides})


def gold_symbols(model, encoded):
    """What a perfect model writes for every window when tagging."""
    symbols = encoded.batch(torch.arange(len(encoded.starts))).symbols
    return symbols.tolist()


@given(st.lists(sentences(), min_size=1, max_size=5), st.sampled_from([8, 20, 60]), st.data())
def test_gold_output_gives_the_gold_tags_of_every_entity_that_some_window_holds(given_sentences, window, data):
    overlap = data.draw(st.integers(0, window - 1))
    model = tagger(window=window, overlap=overlap, max_symbols=200)
    encoded = model.encode(given_sentences, ["eng"] * len(given_sentences))
    found = model.tags_of_windows(encoded, gold_symbols(model, encoded))
    (stream,) = encoded.streams
    step = window - overlap
    starts = window_starts(len(stream.data), window, step)
    held = [s for s in stream.spans if any(at <= s.start and s.end <= at + window for at in starts)]
    assert found == word_tags(stream.words, held, model.types)
    assert lost_entities(stream, window, step, 66) == len(stream.spans) - len(held)
    assert model.unreachable(given_sentences) == len(stream.spans) - len(held)
    if all(span.end - span.start <= overlap + 1 for span in stream.spans):
        assert [tuple(tags) for tags in found] == [s.tags for s in given_sentences]


@pytest.mark.parametrize(("descending", "found"), [(True, "O O B B"), (False, "B B O O")])
def test_entities_without_room_in_the_output_are_lost_and_counted(descending, found):
    model = tagger(max_symbols=7, descending=descending)
    four = sentence("Ann/B-PER Bob/B-PER Cid/B-PER Dan/B-PER")
    encoded = model.encode([four], ["eng"])
    (tags,) = model.tags_of_windows(encoded, gold_symbols(model, encoded))
    assert " ".join(tag[0] for tag in tags) == found
    assert model.unreachable([four]) == 2


@given(st.lists(sentences(), min_size=1, max_size=4))
def test_bytes_words_and_spans_of_a_stream(given_sentences):
    stream = stream_of(given_sentences, TYPES)
    for s, places in zip(given_sentences, stream.words, strict=True):
        assert tuple(stream.data[start:end].decode() for start, end in places) == s.words
    assert stream.data.decode() == " ".join(" ".join(s.words) for s in given_sentences)
    assert [tuple(tags) for tags in word_tags(stream.words, stream.spans, TYPES)] == [s.tags for s in given_sentences]


@given(st.lists(sentences(), min_size=1, max_size=4), st.booleans(), st.integers(1, 7))
def test_training_windows_hold_what_writing_them_out_would(given_sentences, descending, stride):
    model = tagger(window=16, overlap=0, stride=stride, descending=descending, max_symbols=200)
    encoded = model.encode(given_sentences, ["eng"] * len(given_sentences), training=True)
    (stream,) = encoded.streams
    batch = encoded.batch(torch.arange(len(encoded.starts)))
    starts = window_starts(len(stream.data), 16, stride)
    assert encoded.starts.tolist() == list(starts)
    for at, data, symbols in zip(starts, batch.data.tolist(), batch.symbols.tolist(), strict=True):
        assert bytes(unit for unit in data if unit < 256) == stream.data[at : at + 16]
        inside = [
            ByteSpan(s.start - at, s.end - at, s.type) for s in stream.spans if at <= s.start and s.end <= at + 16
        ]
        assert [symbol for symbol in symbols if symbol >= 0] == model.alphabet.write(inside, descending)


def test_every_byte_is_in_a_window():
    for length in range(1, 200):
        for window, step in ((60, 1), (60, 30), (60, 60), (8, 3)):
            starts = window_starts(length, window, step)
            assert {byte for at in starts for byte in range(at, at + window)} >= set(range(length))
            assert starts[0] == 0


@given(st.lists(st.integers(0, 125), max_size=40))
def test_no_output_is_too_malformed_to_read(symbols):
    alphabet = Symbols(window=60, types=4)
    for span in alphabet.read(symbols):
        assert 0 <= span.start < span.end <= 60
        assert 0 <= span.type < 4


def test_malformed_output_is_skipped_symbol_by_symbol():
    alphabet = Symbols(window=60, types=3)
    s, length, kind = alphabet.start, alphabet.length, alphabet.type
    read = alphabet.read(
        [length(3), kind(0), s(1), s(5), kind(2), length(5), 0, kind(1), s(58), length(9), kind(0), STOP, s(0)]
    )
    assert read == [ByteSpan(5, 10, 1)]
    assert alphabet.read(alphabet.write([ByteSpan(0, 60, 0), ByteSpan(3, 4, 2)])) == [
        ByteSpan(3, 4, 2),
        ByteSpan(0, 60, 0),
    ]


def test_the_papers_example_of_a_span():
    alphabet = Symbols(window=60, types=4)
    assert alphabet.write([ByteSpan(5, 10, 3)]) == [alphabet.start(5), alphabet.length(5), alphabet.type(3), STOP]
    assert len({alphabet.start(59), alphabet.length(1), alphabet.length(60), alphabet.type(0), alphabet.type(3)}) == 5
    assert alphabet.type(3) == len(alphabet) - 1


def test_conflicts_go_to_the_span_that_starts_earliest_in_its_own_window():
    first, second = [ByteSpan(32, 40, 0), ByteSpan(45, 50, 1)], [ByteSpan(4, 10, 2), ByteSpan(15, 20, 1)]
    assert stitch([(0, first), (30, second)]) == [ByteSpan(34, 40, 2), ByteSpan(45, 50, 1)]
    assert stitch([]) == []


def test_words_that_a_span_touches_are_tagged_within_the_sentence():
    stream = stream_of([sentence("Ann Lee saw"), sentence("it")], ())
    tags = word_tags(stream.words, [ByteSpan(1, 5, 0), ByteSpan(6, 12, 1)], ("PER", "LOC"))
    assert tags == [["B-PER", "I-PER", "B-LOC"], ["O"]]


def test_languages_are_streams_of_their_own():
    model = tagger(window=60, overlap=0)
    encoded = model.encode([sentence("aa/B-PER"), sentence("bb/B-LOC")], ["eng", "spa"], training=True)
    batch = encoded.batch(torch.arange(len(encoded.starts)))
    assert [bytes(u for u in row if u < 256) for row in batch.data.tolist()] == [b"aa", b"bb"]
    assert encoded.languages == ("eng", "spa")
    assert model.tags_of_windows(encoded, batch.symbols.tolist()) == [["B-PER"], ["B-LOC"]]


@pytest.mark.parametrize("stride", [1, 2, 3, 7])
@pytest.mark.parametrize("descending", [True, False])
def test_a_streams_last_window_does_not_reach_into_the_next_language(stride, descending):
    model = tagger(window=8, overlap=0, stride=stride, descending=descending)
    first, second = [sentence("to go Ann/B-PER")], [sentence("Bo/B-ORG Cy/B-LOC on")]
    both = model.encode(first + second, ["eng", "spa"], training=True)
    batches = [both.batch(torch.arange(len(both.starts)))]
    batches += [both.batch(torch.tensor([window])) for window in range(len(both.starts))]
    together, *each = [[[s for s in row if s >= 0] for row in batch.symbols.tolist()] for batch in batches]
    alone = [model.encode(own, [code] * len(own), training=True) for own, code in ((first, "eng"), (second, "spa"))]
    expected = [
        [symbol for symbol in row if symbol >= 0]
        for encoded in alone
        for row in encoded.batch(torch.arange(len(encoded.starts))).symbols.tolist()
    ]
    assert together == expected == [row for rows in each for row in rows]
    reaching = both.starts + 8 > both.ends
    assert bool(reaching.any()) == (stride > 1)


def test_all_windows_together_are_written_as_each_alone():
    model = tagger(window=20, overlap=10).eval()
    words = [s.words for s in small_corpus().train[:5]]
    encoded = model.encode([Sentence(w, ("O",) * len(w)) for w in words], ["eng"] * 5)
    data = encoded.batch(torch.arange(len(encoded.starts))).data
    together = [model.alphabet.read(row) for row in model.write(data).tolist()]
    assert together == [model.alphabet.read(model.write(row[None])[0].tolist()) for row in data]


def test_bytes_are_dropped_in_training_only():
    model = tagger(byte_dropout=0.5)
    seen = []
    model.bytes.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    batch = model.encode([sentence("A" * 50 + "/B-PER")] * 4, ["eng"] * 4, training=True).batch(torch.arange(4))
    model.train().loss(batch)
    model.eval().loss(batch)
    assert 0.3 < (seen[0] == 256).float().mean() < 0.7
    assert seen[1].equal(batch.data)


def test_a_small_corpus_is_learnt_and_saved(tmp_path):
    corpus = small_corpus(train=8)
    sizes = {**SMALL, "window": 40, "overlap": 25, "stride": 4, "hidden_size": 96, "initial_range": 0.2}
    model = built("byte-to-span", {"eng": corpus.train}, seed=1, **sizes)
    training = TrainingConfig("adam", learning_rate=0.005, batch_size=16, max_epochs=90, min_epochs=90)
    history = train(model, {"eng": corpus.train}, {"eng": corpus.train}, training, tmp_path / "t", seed=1)
    assert max(row["dev_f1"] for row in history) > 90
    model.save_pretrained(tmp_path / "saved")
    words = [s.words for s in corpus.test]
    assert load_tagger(tmp_path / "saved").tag(words) == model.tag(words)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"window": 0}, "window: 0 was given"),
        ({"overlap": 60}, "overlap is less than the window \\(60\\), not 60"),
        ({"max_symbols": 3}, "max_symbols: 3 was given; it should be greater than or equal to 4"),
        ({"byte_dropout": 1.5}, "byte_dropout: 1.5 was given; it should be less than 1"),
    ],
)
def test_impossible_sizes_are_named(overrides, message):
    with pytest.raises(PolynerError, match=message):
        model_class("byte-to-span").configure(overrides)


def test_the_papers_sizes_are_the_defaults():
    cls = model_class("byte-to-span")
    config = cls.configure()
    assert (config.window, config.stride, config.overlap) == (60, 1, 30)
    assert (config.layers, config.hidden_size, config.byte_dropout, config.layer_dropout) == (4, 320, 0.3, 0.5)
    assert TrainingConfig(**cls.configure().training_defaults).optimizer == "sgd"
    assert max(parameter.abs().max() for parameter in tagger().parameters()) <= 0.08
