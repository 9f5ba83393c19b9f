"""The checksum that names a file's content in ledgers and manifests."""

from __future__ import annotations

import hashlib
from pathlib import Path

_BLOCK = 1 << 20


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file's bytes as hexadecimal digits, read in blocks."""
    digest = hashlib.sha256()
    with file.open("rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
