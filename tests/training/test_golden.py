"""Small trainings, of which the numbers are known: who changes one changes what every run gives.

`python -m tests.training.test_golden` prints the numbers as they are now, in the form of `GOLDEN`.
"""

import dataclasses
import os
import tempfile
from pathlib import Path

import pytest

from polyner.models import MODEL_NAMES, model_class
from polyner.training.config import TRAINING_VERSION, ObjectiveConfig, TrainingConfig
from polyner.training.loop import train
from polyner.training.objectives import Parent
from tests.conftest import built, sentence
from tests.models.encoders import save_tiny_encoder

WORDS = {"embedding_size": 8, "unit_layers": 2, "unit_hidden_size": 6, "sentence_hidden_size": 8, "dropout": 0.3}
UNITS = {"embedding_size": 8, "hidden_size": 8, "layers": 2}
SIZES = {
    "char-crf": WORDS,
    "byte-crf": WORDS,
    "charner": UNITS,
    "byte-to-span": {**UNITS, "window": 24, "overlap": 12, "stride": 3},
    "mbert-crf": {"sentence_hidden_size": 8, "dropout": 0.3},
}
CASES = {
    **{name: {"model": name} for name in MODEL_NAMES},
    "mbert-crf, trained": {"model": "mbert-crf", "config": {"trained": True, "encoder_learning_rate": 1e-3}},
    "charner, characters": {"model": "charner", "config": {"units": "character"}},
    "sgd": {"training": {"optimizer": "sgd", "learning_rate": 0.05, "momentum": 0.9, "clip_norm": 1.0}},
    "sampled": {"training": {"sampling_exponent": 0.5}, "config": {"language_transitions": True}},
    "stratified": {"training": {"stratified": True}},
    "l2sp": {"objective": {"name": "l2sp", "strength": 0.3}},
    "ewc": {"objective": {"name": "ewc", "strength": 30.0, "fisher_sentences": 9}},
    "pcgrad": {"objective": {"name": "pcgrad"}},
    "mgda": {"objective": {"name": "mgda"}},
}

# Losses and development F1 of two epochs.
GOLDEN = {
    "char-crf": ([8.052556, 5.918241], [0.0, 66.6667]),
    "byte-crf": ([7.876092, 5.853039], [0.0, 66.6667]),
    "charner": ([1.074672, 0.960446], [8.6957, 70.8333]),
    "byte-to-span": ([3.323372, 2.841604], [0.0, 0.0]),
    "mbert-crf": ([7.862045, 5.404004], [0.0, 63.5417]),
    "mbert-crf, trained": ([7.726752, 5.363178], [0.0, 83.3333]),
    "charner, characters": ([1.091915, 0.953444], [34.2857, 28.3525]),
    "sgd": ([7.711619, 3.662527], [66.6667, 94.1176]),
    "sampled": ([7.586909, 6.38518], [44.4444, 0.0]),
    "stratified": ([7.734438, 5.852934], [0.0, 66.6667]),
    "l2sp": ([4.579938, 4.169753], [66.6667, 64.0]),
    "ewc": ([4.577569, 4.164426], [66.6667, 64.0]),
    "pcgrad": ([7.501411, 6.165918], [0.0, 44.4444]),
    "mgda": ([7.644548, 6.339093], [0.0, 44.4444]),
}


def corpus(language, size):
    """`size` sentences in which an ending makes a name, another one in each language; one has the types swapped.

    So there are conflicts among their gradients.
    """
    ending = {"eng": "ton", "spa": "illa", "nld": "dam"}[language]
    place, person = ("PER", "LOC") if language == "nld" else ("LOC", "PER")
    made = []
    for number in range(size):
        stem = ["Al", "Bur", "Cas", "Dor", "Eu"][number % 5] + "aeiou"[number // 5 % 5]
        tail = " ".join(["in", "on", "by", "at"][: number % 4])
        made.append(
            sentence(f"{stem}{ending}/B-{place} {tail} {stem}a/B-{person} {ending}/I-{person} {'x' * (number % 7 + 1)}")
        )
    return tuple(made)


TRAIN = {"eng": corpus("eng", 24), "spa": corpus("spa", 14)}
DEV = {code: corpus(code, 40)[-8:] for code in TRAIN}
OTHER = {"nld": corpus("nld", 12)}


def numbers(name, folder):
    """(losses, development F1s) of a case, each of two epochs."""
    case = CASES[name]
    model = case.get("model", "byte-crf")
    config = {**SIZES[model], **case.get("config", {})}
    if model == "mbert-crf":
        config["encoder"] = str(encoder(folder / "encoder"))
    objective = ObjectiveConfig(**case.get("objective", {}))
    tagger = built(model, {**TRAIN, **OTHER}, seed=1, **config)
    options = {}
    languages = tuple(TRAIN)
    if objective.name in ("l2sp", "ewc"):
        before = TrainingConfig(learning_rate=0.01, batch_size=4, max_epochs=2)
        train(tagger, {**TRAIN, **OTHER}, DEV, before, folder / "parent", seed=3)
        parent = type(tagger)(tagger.config, tagger.tags, tagger.languages)
        parent.load_state_dict(tagger.state_dict())
        options = {"parent": Parent(parent, {**TRAIN, **OTHER})}
        languages = ("spa",)
    elif objective.name in ("pcgrad", "mgda"):
        languages = ("eng", "spa", "nld")
    settings = {"learning_rate": 0.01, **tagger.config.training_defaults, "batch_size": 4, "max_epochs": 2}
    settings = TrainingConfig(**{**settings, "mixed_precision": "off", **case.get("training", {})})
    own, held_out = ({code: side[code] for code in languages} for side in ({**TRAIN, **OTHER}, {**DEV, **OTHER}))
    history = train(tagger, own, held_out, settings, folder / "run", seed=1, objective=objective, **options)
    return tuple([row[key] for row in history] for key in ("loss", "dev_f1"))


def encoder(folder):
    """Its vocabulary is every letter, at a word's beginning and behind it."""
    sentences = [s for side in (TRAIN, DEV, OTHER) for own in side.values() for s in own]
    letters = sorted({letter for s in sentences for word in s.words for letter in word})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    return save_tiny_encoder(folder, sentences, vocabulary={piece: number for number, piece in enumerate(pieces)})


@pytest.mark.parametrize("name", CASES)
def test_a_small_training_gives_the_numbers_it_has_always_given(name, tmp_path, monkeypatch):
    monkeypatch.setenv("POLYNER_CACHE", str(tmp_path / "cache"))
    found = numbers(name, tmp_path)
    for what, values, expected in zip(("loss", "development F1"), found, GOLDEN[name], strict=True):
        assert values == pytest.approx(expected, rel=1e-4), (
            f"{name}: training gives another {what} than it did. If it is meant to, raise TRAINING_VERSION of what "
            f"changed in polyner/training/config.py, and record the numbers: python -m tests.training.test_golden"
        )


DEFAULTS = {
    "TrainingConfig": {
        "optimizer": "adam",
        "learning_rate": 0.001,
        "momentum": 0.0,
        "weight_decay": 0.0,
        "batch_size": 32,
        "max_epochs": 100,
        "min_epochs": 5,
        "patience": 10,
        "min_updates": 0,
        "clip_norm": None,
        "sampling_exponent": 1.0,
        "stratified": False,
        "mixed_precision": "auto",
    },
    "ObjectiveConfig": {
        "name": "plain",
        "strength": 1.0,
        "fisher_languages": "others",
        "fisher_draws": 16,
        "fisher_sentences": 300,
    },
    "byte-crf": {
        "embedding_size": 256,
        "unit_layers": 2,
        "unit_hidden_size": 256,
        "max_word_length": 64,
        "word_vector": "all_layers",
        "sentence_layers": 1,
        "sentence_hidden_size": 256,
        "dropout": 0.2,
        "min_character_count": 2,
        "language_transitions": False,
        "training": {},
    },
    "charner": {
        "units": "byte",
        "embedding_size": 128,
        "layers": 5,
        "hidden_size": 128,
        "input_dropout": 0.2,
        "layer_dropout": 0.5,
        "last_dropout": 0.8,
        "min_character_count": 2,
        "training": {"clip_norm": 1.0},
    },
    "byte-to-span": {
        "window": 60,
        "stride": 1,
        "overlap": 30,
        "embedding_size": 320,
        "layers": 4,
        "hidden_size": 320,
        "byte_dropout": 0.3,
        "layer_dropout": 0.5,
        "max_symbols": 30,
        "descending": True,
        "initial_range": 0.08,
        "training": {"optimizer": "sgd", "learning_rate": 0.3, "batch_size": 128},
    },
    "mbert-crf": {
        "encoder": "bert-base-multilingual-cased",
        "revision": "main",
        "encoder_layers": 4,
        "trained": False,
        "encoder_learning_rate": 2e-05,
        "most_unknown": 0.5,
        "sentence_layers": 1,
        "sentence_hidden_size": 256,
        "dropout": 0.2,
        "language_transitions": False,
        "training": {},
    },
}
DEFAULTS["char-crf"] = DEFAULTS["byte-crf"]


def defaults():
    """What trainings are that say nothing of it."""
    found = {config.__name__: dataclasses.asdict(config()) for config in (TrainingConfig, ObjectiveConfig)}
    for name in MODEL_NAMES:
        config = model_class(name).configure()
        found[name] = {**dataclasses.asdict(config), "training": dict(config.training_defaults)}
    return found


def test_what_trainings_are_that_say_nothing_of_it():
    for what, values in defaults().items():
        assert values == DEFAULTS[what], (
            f"a default of {what} is another than it was. Runs that do not name it are other runs now: raise "
            f"TRAINING_VERSION in polyner/training/config.py, and write the new default here. A field that is new "
            f"needs no new version, where its default trains as before."
        )


def test_every_architecture_and_objective_has_its_numbers():
    assert set(GOLDEN) == set(CASES)
    assert set(TRAINING_VERSION) <= {"loop", *GOLDEN}
    assert {case.get("objective", {}).get("name") for case in CASES.values()} == {None, "l2sp", "ewc", "pcgrad", "mgda"}


if __name__ == "__main__":
    for case_name in CASES:
        with tempfile.TemporaryDirectory() as temporary:
            os.environ["POLYNER_CACHE"] = temporary
            losses, scores = numbers(case_name, Path(temporary))
        print(f'    "{case_name}": ({[round(x, 6) for x in losses]}, {[round(x, 4) for x in scores]}),')
