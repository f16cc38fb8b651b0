"""Each architecture learns fifty real sentences by heart: what it cannot represent, no training would teach it."""

from pathlib import Path

import pytest

from polyner.corpora.folder import read_corpora
from polyner.models import model_class
from polyner.scoring import score
from polyner.training.config import TrainingConfig
from polyner.training.loop import train
from tests.models.encoders import save_tiny_encoder

CORPORA = Path(__file__).parents[3] / "shared" / "corpora" / "open"
SMALL = {"embedding_size": 32, "unit_hidden_size": 32, "sentence_hidden_size": 64, "dropout": 0.0}
ADAM = {"learning_rate": 0.01, "batch_size": 10, "max_epochs": 40, "patience": 40}

ARCHITECTURES = {
    "char-crf": (SMALL, ADAM),
    "byte-crf": (SMALL, ADAM),
    "charner": (
        {"layers": 3, "hidden_size": 64, "input_dropout": 0.0, "layer_dropout": 0.0, "last_dropout": 0.0},
        {**ADAM, "learning_rate": 0.005},
    ),
    "byte-to-span": (
        {
            **{"embedding_size": 64, "layers": 1, "hidden_size": 256, "initial_range": 0.1, "stride": 3},
            **{"byte_dropout": 0.0, "layer_dropout": 0.0},
        },
        {
            "optimizer": "adam",
            "learning_rate": 0.003,
            "batch_size": 32,
            "max_epochs": 60,
            "patience": 60,
            "clip_norm": 1.0,
        },
    ),
    "mbert-crf": ({"sentence_hidden_size": 64, "dropout": 0.0}, ADAM),
}


@pytest.mark.slow
@pytest.mark.skipif(not CORPORA.is_dir(), reason="needs real corpora")
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_fifty_real_sentences_can_be_learnt_by_heart(name, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("POLYNER_CACHE", str(tmp_path / "cache"))
    sentences = list(read_corpora(CORPORA, ("spa",))["spa"].train[:50])
    settings, training = ARCHITECTURES[name]
    if name == "mbert-crf":
        settings = {**settings, "encoder": str(save_tiny_encoder(tmp_path / "encoder", sentences, limit=128, size=64))}
    cls = model_class(name)
    tagger = cls.build(cls.configure(settings), {"spa": sentences})
    config = TrainingConfig(**{**cls.configure().training_defaults, **training})
    history = train(tagger, {"spa": sentences}, {"spa": sentences}, config, tmp_path / "checkpoints", seed=1)
    tags = tagger.tag([sentence.words for sentence in sentences], "spa")
    f1 = score([sentence.tags for sentence in sentences], tags).f1
    first = next((row["epoch"] for row in history if row["dev_f1"] > 95), None)
    with capsys.disabled():
        seconds = sum(row["seconds"] for row in history)
        print(f"\n{name}: F1 {f1:.2f}, above 95 from epoch {first} of {len(history)}, {seconds:.0f} s")
    assert f1 > 95
