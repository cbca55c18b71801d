"""What happens when the machine cannot start another process: calls fail clearly, and work again later."""

from __future__ import annotations

import time

import pytest

from recsys.encoders import EncoderProcess, EncoderUnavailable
from recsys.encoders import child as child_module


def test_no_process_is_an_unavailable_encoder_not_a_dead_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    with EncoderProcess("hashing") as encoder:
        with monkeypatch.context() as broken:
            broken.setattr(child_module.subprocess, "Popen", refuse)
            with pytest.raises(EncoderUnavailable, match="no process"):
                encoder.encode(["hello"])
        deadline = time.monotonic() + 20
        while True:
            try:
                assert encoder.encode(["hello"])[0].any()
                break
            except EncoderUnavailable:
                assert time.monotonic() < deadline
                time.sleep(0.1)
