"""Where the fixtures of the import tests lie, and files made on the spot."""

from __future__ import annotations

import json
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"


def write(folder: Path, name: str, content: str | bytes | object) -> Path:
    """A file with `content`: text, bytes, or anything else as JSON."""
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=True)
        path.write_text(text, encoding="utf-8", newline="")
    return path
