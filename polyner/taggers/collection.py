"""Which taggers a folder has, of which language and regime, and how good they are."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polyner.errors import PolynerError
from polyner.names import REGIME_NAMES

INDEX = "index.json"
SHIPPED = Path(__file__).parent / "open"
FORMAT = 1


@dataclass(frozen=True)
class Collection:
    """A folder of taggers and what its `index.json` says of them.

    about: title, seeds, corpora (how to get them), settings (of training), date. languages, by code: name, group,
    origin, licence and texts (what they are) of its corpus, sentences (of training), models (by regime: run, dev_f1, f1
    with low and high, and types with the same and gold, the number of entities), frequent words and trigrams, by which
    its text is known. models, by run: regime, trained_on, size in bytes, sha256.
    """

    folder: Path
    about: Mapping[str, Any]
    languages: Mapping[str, Mapping[str, Any]]
    models: Mapping[str, Mapping[str, Any]]

    @classmethod
    def open(cls, folder: str | Path | None = None) -> Collection:
        """The taggers of a folder, by default of `$POLYNER_TAGGERS` or those that come with the package.

        Raises PolynerError where there are none.
        """
        path = Path(folder or os.environ.get("POLYNER_TAGGERS") or SHIPPED)
        try:
            index = json.loads((path / INDEX).read_text(encoding="utf-8"))
            if index.pop("format") != FORMAT:
                raise PolynerError(f"{path / INDEX} is of another version of polyner")
            return cls(path, index["about"], index["languages"], index["models"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise PolynerError(f"{path}: no taggers are there ({INDEX} cannot be read)") from None

    def choose(self, code: str, regime: str | None = None) -> Mapping[str, Any]:
        """What the index says of the tagger of a language in a regime, by default of the one that is best on
        development data, with `regime` added. Raises PolynerError where there is none."""
        own, regime = self.languages.get(code, {}).get("models", {}), regime and regime.replace("-", "_")
        if not own:
            raise PolynerError(f"there is no tagger of {code!r}: there are {', '.join(self.languages)}")
        if regime == "polyglot" and regime not in own:
            regime = "zero_shot"
        regime = regime or max(own, key=lambda name: own[name]["dev_f1"])
        if regime not in own:
            known = ", ".join(REGIME_NAMES[name] for name in own)
            raise PolynerError(f"there is no {REGIME_NAMES.get(regime, regime)} tagger of {code!r}: there are {known}")
        return {**own[regime], "regime": regime}
