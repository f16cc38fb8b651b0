"""Small taggers and trainings of seconds, and what to compare of them."""

from pathlib import Path

import torch

from polyner.training.config import ObjectiveConfig, TrainingConfig
from polyner.training.loop import train
from polyner.training.objectives import Parent
from tests.conftest import built, small_corpus

CORPUS = small_corpus()
LANGUAGES = {"eng": CORPUS, "spa": small_corpus("spa", train=20), "nld": small_corpus("nld", train=10)}
SMALL = {"embedding_size": 12, "unit_hidden_size": 12, "unit_layers": 1, "sentence_hidden_size": 12}
CONFIG = TrainingConfig(learning_rate=0.01, batch_size=8, max_epochs=6, min_epochs=1, patience=6)


def data(*languages):
    """The training sentences by language."""
    return {code: LANGUAGES[code].train for code in languages}


def fresh(seed=1, languages=("eng",), **overrides):
    return built("byte-crf", data(*languages), seed, **{**SMALL, **overrides})


def trained(folder, config=CONFIG, seed=1, model=None, languages=("eng",), **options):
    model = model or fresh(seed, languages)
    development = {code: LANGUAGES[code].dev for code in languages}
    return model, train(model, data(*languages), development, config, Path(folder), seed=seed, **options)


def under(objective, folder, config=CONFIG, model=None, parent=None, **options):
    """A training under an objective: of English from a tagger of three languages, or of these three languages."""
    objective = ObjectiveConfig(**objective)
    if objective.name in ("l2sp", "ewc"):
        parent = parent or fresh(3, tuple(LANGUAGES))
        model = model or fresh(3, tuple(LANGUAGES))
        model.load_state_dict(parent.state_dict())
        options |= {"parent": Parent(parent, data(*LANGUAGES)), "languages": ("eng",)}
    else:
        options |= {"languages": tuple(LANGUAGES)}
    return trained(folder, config, model=model, objective=objective, **options)


def weights(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def scores_of(history):
    return [{key: value for key, value in row.items() if key not in ("seconds", "ended")} for row in history]
