"""Trained taggers for programs without PyTorch: an ONNX model with 8-bit weights, and what its CRF needs.

`polyner export` writes them to a folder, and the book's page with a tagger runs them in the browser.
"""
