"""Learnt weights on disk: one JSON document with a checksum. Knows files; knows no learning."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from recsys.modelfile import DamagedModel
from recsys.ranklearning import Judgement, LearntRanking, Replayed

FORMAT: Final = 1
NAME: Final = "ranking.json"


def save_ranking(ranking: LearntRanking, folder: Path) -> Path:
    """Write it in one step: a reader finds the old one or the new one, whole."""
    folder.mkdir(parents=True, exist_ok=True)
    body = asdict(ranking)
    document = {"format": FORMAT, "sha256": _digest(body), "ranking": body}
    fresh = folder / f"{NAME}.tmp"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(document, file, indent=2, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / NAME)
    return folder / NAME


def load_ranking(folder: Path) -> LearntRanking:
    """FileNotFoundError when there is none, DamagedModel when it is not what was written."""
    raw = (folder / NAME).read_bytes()
    try:
        return _checked(json.loads(raw))
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedModel(f"the weights in {folder / NAME} cannot be read: {error}") from error


def _checked(document: dict[str, Any]) -> LearntRanking:
    if document["format"] != FORMAT:
        raise ValueError(f"its format is {document['format']!r}, not {FORMAT}")
    body = document["ranking"]
    if _digest(body) != document["sha256"]:
        raise ValueError("its checksum is not that of its contents")
    return _read(body)


def _read(body: dict[str, Any]) -> LearntRanking:
    told = body["judgement"]
    judgement = Judgement(
        lists=told["lists"],
        clicks=told["clicks"],
        gain=Replayed(**told["gain"]),
        likelihood=Replayed(**told["likelihood"]),
        calibration_error=told["calibration_error"],
        reliability=tuple((said, was, rows) for said, was, rows in told["reliability"]),
    )
    return LearntRanking(**(body | {"judgement": judgement, "examined": tuple(body["examined"])}))


def _digest(body: dict[str, Any]) -> str:
    """Over one form of the document, so that how it is laid out does not matter."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
