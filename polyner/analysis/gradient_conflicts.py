"""Where in a tagger the gradients of its languages agree, and where one undoes what another does."""

from __future__ import annotations

import pandas as pd
import torch
from torch import Tensor

from polyner.analysis.fisher_overlap import by_layer
from polyner.errors import PolynerError
from polyner.models.fisher import without_dropout
from polyner.models.tagger import Encoded, Tagger
from polyner.training.gradients import inner_products, language_gradients
from polyner.training.precision import Precision

ALL_LAYERS = "all"


def gradient_cosines(tagger: Tagger, encoded: Encoded, examples: Tensor) -> pd.DataFrame:
    """The cosines of the gradients of a batch's languages, each of the mean loss of its own examples, without dropout.

    `encoded` are sentences with their tags (`encode` with `training=True`), `examples` the batch's indices, on the
    processor. Columns: layer (as `layer_of` names it, and "all" parameters together), language, other, cosine: every
    ordered pair of languages, each with itself too. The cosine is NaN where one of the two gradients is zero, as in the
    transitions of another language. Below zero the languages conflict (Yu et al. 2020, definition 1). The tagger's
    parameters, gradients and mode are left as they are. Raises PolynerError for a batch of one language.
    """
    parameters = tagger.trained()
    with without_dropout(tagger), torch.enable_grad():
        found = language_gradients(tagger, list(parameters.values()), encoded, examples, Precision())
    if len(found.languages) < 2:
        raise PolynerError(f"cosines are of the gradients of two languages or more, not of {found.languages[0]}")
    products = dict(zip(parameters, map(inner_products, found.gradients), strict=True))
    layers = {**by_layer(products), ALL_LAYERS: list(products)}
    rows = []
    for layer, names in layers.items():
        of_layer = sum(products[name] for name in names)
        norms = of_layer.diagonal().sqrt()
        cosines = (of_layer / (norms[:, None] * norms)).clamp(-1.0, 1.0)
        rows += [
            (layer, language, other, cosine)
            for language, row in zip(found.languages, cosines.tolist(), strict=True)
            for other, cosine in zip(found.languages, row, strict=True)
        ]
    return pd.DataFrame(rows, columns=["layer", "language", "other", "cosine"])
