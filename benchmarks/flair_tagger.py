"""Flair's tagger at `training.EQUAL_SIZES`, run by a Python that has Flair: `flair_tagger.py train` or `tag`.

Its input is JSON, for each sentence its words and its entities (first word, end, type). It does what it is told with
all of them, twice, and prints how many seconds of the processor the second time took.
"""

import json
import sys
import time

import flair
import torch
from flair.data import Dictionary, Sentence
from flair.embeddings import CharacterEmbeddings
from flair.models import SequenceTagger

SIZE = 256


def main() -> None:
    torch.set_num_threads(1)
    flair.device = torch.device("cpu")
    pairs = json.load(sys.stdin)
    types, characters = Dictionary(add_unk=False), Dictionary(add_unk=True)
    types.span_labels = True
    for words, entities in pairs:
        for _, _, entity_type in entities:
            types.add_item(entity_type)
        for character in "".join(words):
            characters.add_item(character)
    tagger = SequenceTagger(
        CharacterEmbeddings(characters, char_embedding_dim=SIZE, hidden_size_char=SIZE),
        types,
        tag_type="ner",
        tag_format="BIO",
        hidden_size=SIZE,
        reproject_embeddings=False,
    )
    optimizer = torch.optim.AdamW(tagger.parameters(), fused=True)

    def train() -> None:
        tagger.train()
        optimizer.zero_grad()
        tagger.forward_loss(sentences)[0].backward()
        optimizer.step()

    for _ in range(2):
        sentences = [Sentence(words) for words, _ in pairs]
        for sentence, (_, entities) in zip(sentences, pairs, strict=True):
            for first, end, entity_type in entities:
                sentence[first:end].add_label("ner", entity_type)
        started = time.process_time()
        train() if sys.argv[1] == "train" else tagger.predict(sentences)
        seconds = time.process_time() - started
    print(seconds)


if __name__ == "__main__":
    main()
