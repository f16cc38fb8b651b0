"""The built-in sample corpora: generated sentences in the 18 languages of Table 2, for work without any download.

No sentence here was ever printed in a newspaper. Each comes from one of some thirty sentence patterns written for
this project in its language (`patterns/`), filled with real names: countries and cities from CLDR (Babel), persons and
companies from Faker's locales or short lists, and organisations and persons of history known everywhere, in the form
each language gives them (`international.yml`). What the sentences say about a name is invented. The corpora serve
tests, the quick profile and a first look; a score on them says nothing about a language or a model and is never
evidence for a claim of the paper.

They have the properties that the paper's analyses look for: names recur across languages, the shares of the entity
types differ among the CoNLL languages and are equal among all others, and the test sentences hold unseen names and
patterns. The same language and seed give the same sentences, as long as Babel's and Faker's data stay the same; the
fingerprint of a corpus tells.
"""

from polyner.corpora.languages import table2
from polyner.corpora.sample.generator import generate
from polyner.corpora.sentence import Corpus
from polyner.errors import CorpusError

__all__ = ["sample_corpus"]


def sample_corpus(language: str, seed: int = 0) -> Corpus:
    """The sample corpus of a language of Table 2 (ISO 639-3 code): 400 training, 100 dev and 100 test sentences.

    Entity types are PER ORG LOC MISC for the CoNLL languages and PER ORG GPE LOC for all others (§3.2).
    Raises CorpusError for a language that is not in Table 2.
    """
    if language not in table2():
        raise CorpusError(f"no sample corpus for language {language!r}: one of {', '.join(table2())}")
    return generate(language, seed)
