"""The architectures of §3, by the names used on the command line, in settings and in tables."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyner.errors import PolynerError, one_line
from polyner.integrity import check_file
from polyner.models.configs import CONFIGS, config_class

if TYPE_CHECKING:
    from polyner.models.tagger import Tagger

MODEL_NAMES = tuple(CONFIGS)


def model_class(name: str) -> type[Tagger]:
    """The tagger class of an architecture. Raises PolynerError for an unknown name."""
    config_class(name)
    from polyner.models.byte_to_span import ByteToSpan
    from polyner.models.charner import CharNER
    from polyner.models.mbert_crf import MBertCRF
    from polyner.models.word_crf import ByteCRF, CharacterCRF

    return {cls.name: cls for cls in (CharacterCRF, ByteCRF, CharNER, ByteToSpan, MBertCRF)}[name]


def load_tagger(folder: str | Path) -> Tagger:
    """The tagger saved in `folder`, whichever its architecture, on the processor.

    Raises PolynerError where there is none, or where the files do not fit together or are not those that were written.
    """
    from safetensors import SafetensorError

    config, weights = Path(folder) / "config.json", Path(folder) / "model.safetensors"
    try:
        saved = json.loads(config.read_text(encoding="utf-8"))
        name = saved["model"]
    except (OSError, ValueError, KeyError, TypeError):
        raise PolynerError(f"{folder}: no saved tagger (config.json that names a model)") from None
    cls = model_class(name)
    check_file(config)
    check_file(weights)
    try:
        _check_plausible(saved["config"], weights.stat().st_size)
        with contextlib.redirect_stdout(None):  # the hub's mixin prints where it loads from
            return cls.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, SafetensorError) as error:
        raise PolynerError(f"{folder}: no {name} can be loaded: {one_line(error, 200)}") from None


def _check_plausible(config: Mapping[str, Any], room: int) -> None:
    """Raise ValueError where a configuration asks for far more memory than `room` bytes of weights could fill.

    Every LSTM has a recurrent matrix of 4 × the square of its size, in a byte a number at least.
    """
    for name, value in config.items():
        if isinstance(value, int) and name.endswith(("hidden_size", "layers", "embedding_size")):
            least = 4 * value**2 if name.endswith("hidden_size") else value
            if least > room:
                raise ValueError(f"{name} is {value}, for which the file of the weights is too small")
