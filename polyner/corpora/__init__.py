"""Corpora: sentences, spans, the languages of Table 2, readers, and the built-in sample corpora."""
