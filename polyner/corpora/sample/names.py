"""The words and names that fill the slots of sentence patterns, drawn so that a few are frequent and many are rare."""

from __future__ import annotations

import hashlib
import random
import re
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import accumulate, zip_longest

from polyner.errors import needed

SLOT = re.compile(r"\{(?:(?P<type>[A-Z]+)\b:?)?(?P<list>[a-z_]*)\}")

# Languages whose sample sentences are in Latin script.
LATIN = ("deu", "eng", "hun", "ind", "nld", "som", "spa", "swa", "tgl", "uzb", "vie", "yor")

# Countries and cities in order of frequency; persons, companies, bodies and clubs known everywhere.
INTERNATIONAL = "international.yml"

PERSONS = 160
COMPANIES = 40


class Names:
    """Lists of words and names for one language: those of its pattern file, and `country`, `city`, `person`, `given`,
    `family`, `company` and the `world_…` lists, which come from Babel, Faker and `international.yml`.
    """

    def __init__(self, language: str, seed: int) -> None:
        from babel import Locale

        self.language = language
        self.seed = seed
        self.data = read_yaml(f"patterns/{language}.yml")
        self._cldr = Locale.parse(self.data["cldr"])
        self.omit = re.compile(self.data.get("omit", r"[(),/]"))
        self._pools: dict[str, tuple[list[str], list[float]]] = {}

    def draw(self, name: str, rng: random.Random) -> str:
        """One item of the list `name`, its own slots filled; further down a list they are rarer (by Zipf's law)."""
        if name not in self._pools:
            items = self._items(name)
            self._pools[name] = items, list(accumulate(1 / (rank + 4) for rank in range(len(items))))
        items, weights = self._pools[name]
        item = rng.choices(items, cum_weights=weights)[0]
        return SLOT.sub(lambda slot: self.draw(slot["list"], rng), item)

    def _items(self, name: str) -> list[str]:
        made = {"person": self._persons, "country": self._countries, "city": self._cities}
        if name != "person" and name in self.data:
            return lines(self.data[name])
        if name in made:
            return made[name]()
        return self._international(name) if name.startswith("world_") else self._from_faker(name)

    def _countries(self) -> list[str]:
        first, left_out = lines(self.data.get("territories", "")), lines(self.data.get("omit_territories", ""))
        codes = dict.fromkeys([*first, *read_yaml(INTERNATIONAL)["countries"].split()])
        names = self._cldr.territories
        return [normal(names[code]) for code in codes if code not in left_out and self._usable(names.get(code, ""))]

    def _cities(self) -> list[str]:
        zones = self._cldr.time_zones
        abroad = []
        for zone in read_yaml(INTERNATIONAL)["cities"].split():
            # CLDR leaves out what is the zone's own name; only Latin script can take that over.
            fallback = zone.rpartition("/")[2].replace("_", " ") if self.language in LATIN else ""
            city = normal(zones.get(zone, {}).get("city", fallback))
            if self._usable(city):
                abroad.append(city)
        # One of each in turn.
        pairs = zip_longest(lines(self.data["home_cities"]), abroad)
        return list(dict.fromkeys(city for pair in pairs for city in pair if city))

    def _persons(self) -> list[str]:
        """Full names and, for some, the short form in which news name a person the second time."""
        rng = random.Random(number(self.language, self.seed, "person"))
        forms, short = lines(self.data["person"]), self.data.get("mention", "")
        persons = []
        for position in range(PERSONS):
            form = rng.choice(forms)
            parts = {slot["list"]: self.draw(slot["list"], rng) for slot in SLOT.finditer(form)}
            persons.append(form.format(**parts))
            if short and position % 4 == 0:
                persons.append(short.format(**parts))
        return list(dict.fromkeys(persons))

    def _international(self, name: str) -> list[str]:
        """The names everyone knows, as this language writes them: its own form, else that of Latin script."""
        forms = (entry.get(self.language, entry["latin"]) for entry in read_yaml(INTERNATIONAL)[name])
        return [normal(form) for form in forms if form]

    def _from_faker(self, name: str) -> list[str]:
        source = faker_of(self.data["faker"])
        source.seed_instance(number(self.language, self.seed, name))
        both = self.data.get("genders", "both") == "both"
        draws = {
            "given": [source.first_name_male] + [source.first_name_female] * both,
            "family": [source.last_name if both else source.last_name_male],
            "company": [source.company],
        }[name]
        found = dict.fromkeys(normal(draw()) for _ in range(PERSONS) for draw in draws)
        return [item for item in found if self._usable(item)][: COMPANIES if name == "company" else PERSONS]

    def _usable(self, name: str) -> bool:
        return bool(name) and not self.omit.search(name)


def number(*key: object) -> int:
    """A seed made from `key`, the same in every process."""
    return int.from_bytes(hashlib.sha256(repr(key).encode()).digest()[:8], "big")


def lines(value: str | list[str]) -> list[str]:
    """The items of a list in a data file, which is a YAML list or has one item a line."""
    items = value.splitlines() if isinstance(value, str) else value
    return [normal(item) for item in items if item.strip()]


def normal(text: str) -> str:
    """NFC, one blank between words, typographic spaces as blanks."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


@cache
def read_yaml(path: str) -> dict:
    """A data file of this package, every scalar a string (so that Norwegian `no` and code `NO` stay words)."""
    import yaml

    text = files(__package__).joinpath(path).read_text(encoding="utf-8")
    return getattr(yaml, "CBaseLoader", yaml.BaseLoader)(text).get_single_data()


@cache
def faker_of(locale: str):
    """Faker's generator for a locale, with the providers used here only: loading all takes three times as long."""
    factory = needed("faker", "the sample of corpora", "book").Factory
    return factory.create(locale, providers=["faker.providers.person", "faker.providers.company"])
