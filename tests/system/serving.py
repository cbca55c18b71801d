"""A server process, started as an operator starts it, and a browser without script. Stops only what it started."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx

from tests.system.commands import ROOT, environment

_ADDRESS = re.compile(r"http://\S+?/")
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_MESSAGE = re.compile(r'<li class="msg(?P<classes>[^"]*)" id="m\d+"[^>]*data-id="(?P<id>\d+)"')
_PRESS = re.compile(r'name="do" value="press:([^"]+)"')
START_SECONDS = 60.0


class Server:
    """`studyhall run` on a free port. `log` is what it wrote to standard error."""

    def __init__(self, home: Path, log: Path, *options: str, **settings: str) -> None:
        self.home = home
        self.log = log
        self._options = options
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self.origin = ""

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None, "it runs"
        return self._process

    def start(self) -> Server:
        self.begin()
        self.wait_until_open()
        return self

    def begin(self) -> None:
        """Start and do not wait."""
        command = [sys.executable, "-m", "bot", "--home", str(self.home), "run", "--port", "0", *self._options]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(**self._settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def wait_until_open(self) -> None:
        process = self.process
        assert process.stdout is not None
        stuck = threading.Timer(START_SECONDS, process.kill)
        stuck.start()
        try:
            for line in process.stdout:
                if found := _ADDRESS.search(line):
                    self.origin = found[0].rstrip("/")
                    return
        finally:
            stuck.cancel()
        raise AssertionError(f"the server ended with {process.wait()}:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """Without warning, in the middle of whatever it does."""
        self.process.send_signal(signal.SIGKILL)
        assert self._end() == -signal.SIGKILL

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Ask it to end; its exit code and how many seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        return self._end(), time.monotonic() - begun

    def clear(self) -> None:
        """For the end of a test, whatever has happened."""
        if self._process is not None:
            self._process.kill()
            self._end()

    def _end(self) -> int:
        process, self._process = self.process, None
        code = process.wait(30)
        assert process.stdout is not None
        process.stdout.close()
        return code


@dataclass
class Visitor:
    """Somebody in a browser: cookie, form token, and an own id for every act."""

    client: httpx.Client
    name: str
    csrf: str = ""
    direct: str = ""
    acts: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    def create(cls, origin: str, name: str, *, door: str = "") -> Visitor:
        """A newcomer who makes an account; `door` is the access token, where one is asked for."""
        visitor = cls(httpx.Client(base_url=origin, timeout=20), name)
        visitor.open("/")
        if door:
            visitor.client.post("/door", data={"csrf": visitor.csrf, "token": door})
            visitor.open("/")
        answer = visitor.client.post(
            "/members", data={"csrf": visitor.csrf, "name": name, "language": "en", "timezone": "UTC"}
        )
        assert answer.status_code == 303, answer.text
        visitor.open("/")
        return visitor

    def at(self, origin: str) -> Visitor:
        """The same browser after the server came back under another port."""
        cookies = self.client.cookies
        self.client.close()
        self.client = httpx.Client(base_url=origin, timeout=20, cookies=dict(cookies))
        return self

    def open(self, path: str) -> str:
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        if found := _CSRF.search(answer.text):
            self.csrf = found[1]
        if not self.direct and (room := re.search(r"/rooms/(\d+)\Z", str(answer.url))):
            self.direct = room[1]
        return answer.text

    def post(self, path: str, *, action: str = "", **fields: str) -> httpx.Response:
        """As the page's own script does it: the answer says whether it was accepted."""
        kept = {"csrf": self.csrf, "action": action or f"{self.name}-{os.getpid()}-{next(self.acts):06d}"} | fields
        return self.client.post(path, data=kept, headers={"accept": "application/json"})

    def say(self, text: str, *, room: str = "", action: str = "") -> httpx.Response:
        return self.post(f"/rooms/{room or self.direct}/messages", action=action, text=text)

    def press(self, message: str, code: str) -> httpx.Response:
        return self.post(f"/rooms/{self.direct}/messages/{message}", do=f"press:{code}")

    def shown(self) -> list[tuple[str, str]]:
        """Id and HTML of every message of the own room's page, oldest first."""
        page = self.open(f"/rooms/{self.direct}")
        starts = [*_MESSAGE.finditer(page)]
        ends = [*(start.start() for start in starts[1:]), len(page)][: len(starts)]
        return [(start["id"], page[start.start() : end]) for start, end in zip(starts, ends, strict=True)]

    def buttons(self) -> list[tuple[str, str]]:
        """(message id, code) of every button in the own room."""
        return [(message, code) for message, html in self.shown() for code in _PRESS.findall(html)]

    def close(self) -> None:
        with suppress(httpx.HTTPError):
            self.client.close()


def until(true: object, *, seconds: float = 20.0, every: float = 0.05) -> None:
    """Wait until a function returns something true; what a server does in the background has no other end."""
    assert callable(true)
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds:g} s"
        time.sleep(every)
