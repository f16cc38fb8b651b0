"""A tiny encoder for tests: random weights, and a WordPiece vocabulary trained on the spot, in a folder."""

from collections.abc import Mapping
from pathlib import Path

from polyner.corpora.sentence import Sentence


def save_tiny_encoder(
    folder: Path,
    sentences: list[Sentence],
    *,
    limit: int = 64,
    layers: int = 4,
    size: int = 16,
    vocabulary: Mapping[str, int] | None = None,
):
    """A BERT with `layers` layers of `size` that reads at most `limit` sub-words, saved as the hub's files are.

    Without a `vocabulary` one is trained on the sentences, another in every process where several are as good.
    """
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    if vocabulary is None:
        trainer = BertWordPieceTokenizer(lowercase=False, strip_accents=False)
        trainer.train_from_iterator((" ".join(s.words) for s in sentences), vocab_size=600, show_progress=False)
        vocabulary = trainer.get_vocab()
    tokenizer = BertTokenizerFast(vocab=dict(vocabulary), do_lower_case=False, model_max_length=limit)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=size,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=2 * size,
        max_position_embeddings=limit,
    )
    BertModel(config).save_pretrained(folder)
    return folder
