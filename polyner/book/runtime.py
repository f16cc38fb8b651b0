"""ONNX Runtime for browsers (onnxruntime-web), out of npm's package at a pinned version, as one script of the website.

The site is also opened as a folder of files, where browsers let a page load scripts and nothing else. So the
WebAssembly program travels inside a script, compressed; it is the build for the processor, used without threads.
"""

from __future__ import annotations

import base64
import gzip
import json
import logging
import os
import tarfile
from pathlib import Path

from platformdirs import user_cache_path

from polyner.errors import NotAvailable

VERSION = "1.30.0"
SHA512 = (
    "ab4cbe26baedba45d2cec05610c71c55fa97db92d19a8b171c5f8269126683ca"
    "590a5cdc57bb2f35ce2b298de32f4d956fb42644c0ecd528a0a91e025c07ca61"
)
DEFAULT_REGISTRY = "https://registry.npmjs.org"
# The library; the module that it starts the program with; the program.
_PARTS = ("ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
_SECONDS = (5, 60)  # to connect, and between two pieces of the answer


def runtime_script(cache: Path) -> bytes:
    """The script that brings the runtime, made once and kept in `cache`: it defines `ort`, and `polynerRuntime` with
    `module` (JavaScript) and `wasm` (gzip, in base64).

    Raises NotAvailable, with what can be done, where the package is not at hand and cannot be fetched.
    """
    file = cache / f"onnxruntime-web-{VERSION}.js"
    if not file.is_file():
        library, module, program = _parts(_package())
        code = "\n".join(line for line in library.decode().splitlines() if not line.startswith("//# sourceMappingURL"))
        brought = {"module": module.decode(), "wasm": in_base64(program)}
        file.parent.mkdir(parents=True, exist_ok=True)
        writing = file.with_suffix(f".{os.getpid()}")
        writing.write_text(f"{code}\nglobalThis.polynerRuntime = {json.dumps(brought)};\n", encoding="utf-8")
        writing.replace(file)
    return file.read_bytes()


def in_base64(content: bytes) -> str:
    """The content compressed by gzip (the same bytes for the same content), as text that a script can hold."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def _package() -> Path:
    """npm's package, fetched once into `$POLYNER_CACHE` or the user's cache folder, from npm's registry."""
    import pooch

    pooch.get_logger().setLevel(logging.ERROR)
    registry = (os.environ.get("npm_config_registry") or DEFAULT_REGISTRY).rstrip("/")  # noqa: SIM112
    cache = Path(os.environ.get("POLYNER_CACHE") or user_cache_path("polyner")).expanduser() / "downloads"
    name = f"onnxruntime-web-{VERSION}.tgz"
    address = f"{registry}/onnxruntime-web/-/{name}"
    try:
        downloader = pooch.HTTPDownloader(timeout=_SECONDS)
        return Path(pooch.retrieve(address, f"sha512:{SHA512}", fname=name, path=cache, downloader=downloader))
    except (OSError, ValueError) as error:
        reason = type(error).__name__ if isinstance(error, OSError) else "another SHA-512 than known"
        public = address.replace(registry, DEFAULT_REGISTRY)
        by_hand = f"with a network, build the site again; or put {public} into {cache}"
        raise NotAvailable(f"onnxruntime-web {VERSION} could not be fetched from npm ({reason}): {by_hand}") from None


def _parts(package: Path) -> list[bytes]:
    contents = []
    with tarfile.open(package) as archive:
        for name in _PARTS:
            member = archive.extractfile(f"package/dist/{name}")
            assert member is not None  # the package's SHA-512 is known
            contents.append(member.read())
    return contents
