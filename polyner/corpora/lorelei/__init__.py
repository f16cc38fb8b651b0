"""LORELEI language packs: text in LTF, simple named entities in LAF, and sentences with tags made of both."""
