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

from polyner.corpora.sample.generator import sample_corpus
