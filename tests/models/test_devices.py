"""A training step must not wait for the device: nothing it does may depend on what the device has computed."""

import pytest
import torch

from tests.conftest import built, small_corpus
from tests.models.test_hub import SIZES

SMALL = {**SIZES, "char-crf": {**SIZES["char-crf"], "language_transitions": True}}


def training_data(name, device):
    data = {code: small_corpus(code).train[:10] for code in ("eng", "spa")}
    model = built(name, data, **SMALL[name]).to(device).train()
    sentences = [s for own in data.values() for s in own]
    codes = [code for code, own in data.items() for _ in own]
    return model, model.encode(sentences, codes, training=True)


EXAMPLES = torch.tensor([3, 0, 12, 7])


@pytest.mark.parametrize("name", SMALL)
def test_a_step_reads_nothing_back(name):
    """Tensors of the device "meta" have shapes and no data: reading one raises NotImplementedError."""
    model, encoded = training_data(name, "meta")
    loss = model.loss(encoded.batch(EXAMPLES))
    loss.backward()
    assert loss.shape == ()
    assert all(parameter.grad is not None for parameter in model.parameters())


@pytest.mark.gpu
@pytest.mark.parametrize("name", SMALL)
def test_a_step_on_cuda_does_not_wait(name):
    model, encoded = training_data(name, "cuda")
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    model.loss(encoded.batch(EXAMPLES)).backward()  # the first step sets up libraries, which waits
    torch.cuda.set_sync_debug_mode("error")
    try:
        model.loss(encoded.batch(EXAMPLES)).backward()
        optimizer.step()
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.gpu
@pytest.mark.parametrize("name", SMALL)
def test_cuda_computes_what_the_processor_does(name):
    results = []
    for device in ("cpu", "cuda"):
        model, encoded = training_data(name, device)
        batch = encoded.batch(EXAMPLES)
        loss = model.eval().loss(batch)
        with torch.backends.cudnn.flags(enabled=False):  # cuDNN gives no gradients in evaluation mode
            model.loss(batch).backward()
        results.append([loss.detach().cpu(), *(p.grad.cpu() for p in model.parameters())])
    for expected, found in zip(*results, strict=True):
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
