"""The architectures of §3, by the names used on the command line, in settings and in tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from polyner.errors import PolynerError
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
    """The tagger saved in `folder`, whichever its architecture. Raises PolynerError where there is none."""
    config = Path(folder) / "config.json"
    try:
        name = json.loads(config.read_text(encoding="utf-8"))["model"]
    except (OSError, ValueError, KeyError, TypeError):
        raise PolynerError(f"{folder}: no saved tagger (config.json that names a model)") from None
    return model_class(name).load(folder)
