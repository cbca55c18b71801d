"""A real server process on sample data and a real Chromium. Only processes started here are stopped."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

READY = re.compile(r"http://[\d.]+:(\d+)/")


class ServerProcess:
    """`studyhall run` on a data folder; can be stopped and started again on the same port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        arguments = [sys.executable, "-m", "bot", "--home", str(self.home), "run", "--port", str(self.port)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("STUDYHALL_")}
        self._process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := READY.search(line):
                self.port = int(found.group(1))
                return
        raise RuntimeError(f"the server ended with {self._process.wait()}")

    def stop(self) -> int:
        assert self._process is not None
        process, self._process = self._process, None
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()
        return code


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sample")
    subprocess.run(
        [sys.executable, "-m", "bot", "--home", str(home), "demo", "--prepare-only"], check=True, capture_output=True
    )
    return home


@pytest.fixture
def server(sample_home: Path, tmp_path: Path) -> Iterator[ServerProcess]:
    home = tmp_path / "home"
    shutil.copytree(sample_home, home)
    running = ServerProcess(home)
    running.start()
    yield running
    with contextlib.suppress(AssertionError):
        running.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("no Chromium on this machine: install the package chromium")
    arguments = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=path, args=arguments)
        except Error as error:
            pytest.skip(f"Chromium does not start here: {error.message.splitlines()[0]}")
        yield browser
        browser.close()
