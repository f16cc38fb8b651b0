"""The collections that `polyner corpora fetch` knows: what they are, whose, under which licence, and which files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from polyner.corpora.languages import language_code

_CONLL = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC")
_DATES = (*_CONLL[:7], "B-DATE", "I-DATE")
# What stands behind the split in a parquet file's name: `-00000-of-00001`, or, on the branch of conversions, `/0000`.
_SHARD = r"(?:-\d+-of-\d+(?:-[0-9a-f]+)?|/\d+)\.parquet"
CONVERTED = "refs/convert/parquet"


@dataclass(frozen=True)
class HubSet:
    """A collection on the Hugging Face hub, in parquet.

    branch: `main`, or that of the hub's own conversions for collections that are scripts, which are never run.
    configurations: for each language the names of its parts. file: a pattern of the files, with the groups `config` and
    `split`. splits: what the collection calls train, dev and test. labels: the tags by number, for files that do not
    name them. resplit: languages that have no training set, whose sentences are split 80/10/10 here.
    """

    repository: str
    about: str
    licence: str
    configurations: Mapping[str, Sequence[str]]
    branch: str = "main"
    file: str = rf"(?:^|/)(?P<config>[\w-]+)/(?P<split>train|validation|test){_SHARD}$"
    splits: Sequence[str] = ("train", "validation", "test")
    labels: Sequence[str] = _CONLL
    resplit: Sequence[str] = ()

    def place(self, name: str) -> tuple[str, str] | None:
        """The configuration and split of a file of the repository; None where it is of neither."""
        match = re.search(self.file, name)
        return (match["config"], match["split"]) if match else None


def _by_name(*pairs: str) -> dict[str, tuple[str, ...]]:
    return {code: (config,) for code, _, config in (pair.partition("=") for pair in pairs)}


HUB: Mapping[str, HubSet] = {
    "wikiann": HubSet(
        "unimelb-nlp/wikiann",
        "WikiANN: silver PER, ORG, LOC from Wikipedia's links (Pan et al. 2017; splits of Rahimi et al. 2019)",
        "ODC-BY as stated by its users, 'unknown' on the hub; the text is Wikipedia's (CC BY-SA)",
        _by_name(
            *("eng=en", "spa=es", "deu=de", "nld=nl", "amh=am", "ara=ar", "fas=fa", "hin=hi", "hun=hu"),
            *("ind=id", "som=so", "swa=sw", "tgl=tl", "vie=vi", "rus=ru", "ben=bn", "uzb=uz", "yor=yo"),
        ),
        labels=_CONLL[:7],
    ),
    "conll2002": HubSet(
        "eriktks/conll2002",
        "CoNLL-2002: Spanish and Dutch news, annotated by hand",
        "as agreed with the shared task; Spanish: EFE; Dutch: De Morgen, research only",
        _by_name("spa=es", "nld=nl"),
        branch=CONVERTED,
    ),
    "conll2003-eng": HubSet(
        "eriktks/conll2003",
        "CoNLL-2003, English: Reuters news, annotated by hand",
        "research only; the text is Reuters RCV1 (NIST)",
        _by_name("eng=conll2003"),
        branch=CONVERTED,
    ),
    "masakhaner": HubSet(
        "masakhane/masakhaner",
        "MasakhaNER 1.0: news, annotated by hand",
        "CC BY-NC 4.0",
        _by_name("amh=amh", "swa=swa", "yor=yor"),
        branch=CONVERTED,
        labels=_DATES,
    ),
    "masakhaner2": HubSet(
        "masakhane/masakhaner2",
        "MasakhaNER 2.0: news, annotated by hand",
        "CC BY-NC 4.0",
        _by_name("swa=swa", "yor=yor"),
        branch=CONVERTED,
        labels=_DATES,
    ),
    "wikineural": HubSet(
        "Babelscape/wikineural",
        "WikiNEuRal: silver, from Wikipedia",
        "CC BY-NC-SA 4.0",
        _by_name("eng=en", "spa=es", "deu=de", "nld=nl", "rus=ru"),
        file=rf"(?:^|/)(?P<split>train|val|test)_(?P<config>[a-z]+){_SHARD}$",
        splits=("train", "val", "test"),
    ),
    "uner": HubSet(
        "universalner/universal_ner",
        "Universal NER: treebanks of Universal Dependencies, annotated by hand",
        "CC BY-SA 4.0; Tagalog-Ugnayan: CC BY-NC-SA 4.0",
        {**_by_name("eng=en_ewt", "deu=de_pud", "rus=ru_pud"), "tgl": ("tl_trg", "tl_ugnayan")},
        branch=CONVERTED,
        labels=_CONLL[:7],
        resplit=("deu", "rus", "tgl"),
    ),
}


class Repository(NamedTuple):
    """A public repository at one commit."""

    name: str
    commit: str


@dataclass(frozen=True)
class RepositoryCorpus:
    """A corpus of one language in a public repository.

    parts: the files of `train`, `dev` and `test`, or of a `pool` that is split 80/10/10 here. Where there is no `dev`,
    a tenth of `train` becomes it; where there is no `test`, the second half of `dev`. reader: which of
    `formats.READERS` reads the files. archive: whether the parts are patterns of files in the whole repository, because
    there are so many. types: what the corpus's types are called here. more: further files of the pool, in other
    repositories.
    """

    repository: Repository
    licence: str
    about: str
    parts: Mapping[str, Sequence[str]]
    reader: str = "columns"
    archive: bool = False
    types: Mapping[str, str] | None = None
    more: Mapping[Repository, Sequence[str]] | None = None


@dataclass(frozen=True)
class RepositorySet:
    """A collection whose corpora are in public repositories, by language."""

    about: str
    corpora: Mapping[str, RepositoryCorpus]


_WIKINEURAL = Repository("Babelscape/wikineural", "d2e28c770cba2b285e742529ae18ed849e336c65")
_MASAKHANE = Repository("masakhane-io/masakhane-ner", "ba5843cd08aa491d5f96a5e809e71eb9ec461391")
_NC = "CC BY-NC 4.0"


def _wikineural(code: str) -> RepositoryCorpus:
    files = [f"data/wikineural/{code}/{split}.conllu" for split in ("val", "test")]
    about = "WikiNEuRal, its dev and test sets split anew; silver"
    return RepositoryCorpus(_WIKINEURAL, "CC BY-NC-SA 4.0", about, {"pool": files}, "numbered")


def _masakhane(folder: str, licence: str, about: str) -> RepositoryCorpus:
    parts = {split: [f"{folder}/{split}.txt"] for split in ("train", "dev", "test")}
    return RepositoryCorpus(_MASAKHANE, licence, about, parts)


OPEN: Mapping[str, RepositoryCorpus] = {
    "eng": _wikineural("en"),
    "spa": _wikineural("es"),
    "deu": _wikineural("de"),
    "nld": _wikineural("nl"),
    "amh": _masakhane("data/amh", _NC, "MasakhaNER 1.0: news, by hand"),
    "ara": _masakhane("MasakhaNER2.0/transfer_corpus/ar", "CC BY-SA 4.0", "ANERcorp: news, by hand, without MISC"),
    "fas": RepositoryCorpus(
        Repository("i-bog/original_datasets", "89a919969abae753c7cb0431a7ca5f9ece613905"),
        "free for academic research",
        "ArmanPersoNERCorpus, first fold: news, by hand",
        {
            "train": ["persian/original_data/train_data/train_fold1.txt"],
            "test": ["persian/original_data/test_data/test_fold1.txt"],
        },
        types={"pers": "PER", "org": "ORG", "loc": "LOC", "fac": "FAC", "pro": "PRO", "event": "EVENT"},
    ),
    "hin": RepositoryCorpus(
        Repository("cfiltnlp/HiNER", "5e12e796a7a4b7b8880b2e876adb27894501a8e9"),
        "CC BY-SA 4.0",
        "HiNER, collapsed, its validation set split anew: tourism and news, by hand",
        {"pool": ["data/collapsed/validation.conll"]},
        types={"PERSON": "PER", "LOCATION": "LOC", "ORGANIZATION": "ORG"},
    ),
    "hun": RepositoryCorpus(
        Repository("nytud/NYTK-NerKor", "7c9c5b5f1f3ec7f94e724e0b92f3afa8eb262d00"),
        "CC BY-SA 4.0",
        "NYTK-NerKor, news and Wikipedia, by hand",
        {
            split: [rf"(^|/)data/{folder}/(news|wikipedia)/[^/]+\.conllup$"]
            for split, folder in (("train", "train"), ("dev", "devel"), ("test", "test"))
        },
        archive=True,
    ),
    "ind": RepositoryCorpus(
        Repository("indobenchmark/indonlu", "56e8bcdd17f6309a310ed221365416c08662c6b5"),
        "MIT",
        "NERGrit in IndoNLU, its train and validation sets split anew: Wikipedia and news, by hand",
        {"pool": [f"dataset/nergrit_ner-grit/{split}_preprocess.txt" for split in ("train", "valid")]},
        types={"PERSON": "PER", "PLACE": "LOC", "ORGANISATION": "ORG"},
    ),
    "swa": _masakhane("MasakhaNER2.0/data/swa", _NC, "MasakhaNER 2.0: news, by hand"),
    "tgl": RepositoryCorpus(
        Repository("UniversalNER/UNER_Tagalog-TRG", "a80b309b5254d9d6afebebd7c65789eee3215256"),
        "TRG: CC BY-SA 4.0; Ugnayan: CC BY-NC-SA 4.0",
        "UNER Tagalog-TRG and Tagalog-Ugnayan, by hand; very small",
        {"pool": ["tl_trg-ud-test.iob2"]},
        "numbered",
        more={
            Repository("UniversalNER/UNER_Tagalog-Ugnayan", "69e95595b6b1f2354d0ba735f7ec9e36c18373e4"): [
                "tl_ugnayan-ud-test.iob2"
            ]
        },
    ),
    "rus": RepositoryCorpus(
        Repository("dialogue-evaluation/factRuEval-2016", "dfe96237fce79fde13b2021d1938587e4ea3042e"),
        "MIT",
        "FactRuEval-2016: news and analysis, by hand; nested objects flattened to the outermost",
        {
            split: [rf"(^|/){folder}/[^/]+\.(tokens|spans|objects)$"]
            for split, folder in (("train", "devset"), ("test", "testset"))
        },
        "factrueval",
        archive=True,
        types={"Person": "PER", "Org": "ORG", "Location": "LOC", "LocOrg": "LOCORG"},
    ),
    "ben": RepositoryCorpus(
        Repository("Rifat1493/Bengali-NER", "01656468c4e6e31dd6aff4cb42be1dc751a1abcf"),
        "MIT",
        "Bengali-NER: news, by hand, noisy",
        {split: [f"Input/{split}_data.txt"] for split in ("train", "test")},
        "bare_types",
    ),
    "yor": _masakhane("MasakhaNER2.0/data/yor", _NC, "MasakhaNER 2.0: news, by hand"),
}

# The files are gone from later commits.
_PANX = Repository("boleima/ToPro", "9300fd37ea92650f528e027da0f427baae3a62a9")
_PANX_LANGUAGES = (
    "af ar az bg bn de el en es et eu fa fi fr gu he hi hu id it ja jv ka kk "
    "ko lt ml mr ms my nl pa pl pt qu ro ru sw ta te tl tr uk ur vi yo zh"
)


def _panx(code: str) -> RepositoryCorpus:
    return RepositoryCorpus(
        _PANX,
        "unknown; the text is Wikipedia's (CC BY-SA)",
        "PAN-X: Wikipedia, silver, from its links",
        {split: [f"download/panx/{split}-{code}.tsv"] for split in ("train", "dev")},
        "visible",
    )


PANX: Mapping[str, RepositoryCorpus] = {language_code(code): _panx(code) for code in _PANX_LANGUAGES.split()}

REPOSITORIES: Mapping[str, RepositorySet] = {
    "open": RepositorySet("openly licensed corpora, a source for each language", OPEN),
    "panx": RepositorySet(
        "WikiANN as XTREME-R has it: silver PER, ORG, LOC in 47 languages (Pan et al. 2017; Ruder et al. 2021)", PANX
    ),
}

NAMES = (*HUB, *REPOSITORIES)
