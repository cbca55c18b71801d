"""Stopping: at any moment, within seconds, with nothing lost; and what keeps a server from starting is said."""

from __future__ import annotations

import random
import signal
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest

from storage import open_store
from tests.system.commands import Warm
from tests.system.conftest import Starts, Visits
from tests.system.contents import address, unsound
from tests.system.posting import Poster, drained, open_room, said_in
from tests.system.serving import Visitor, until

LIMIT = 10.0
"""Seconds within which a stop must be over; three are the aim."""


@pytest.mark.slow
def test_a_stop_at_any_moment_loses_nothing(home: Path, serve: Starts, visit: Visits) -> None:
    dice = random.Random(23)
    server = serve(home).start()
    room = open_room(home)
    poster = Poster(visit(server, "stopper"), room, slept=0.03)
    took = []
    for number, how in enumerate([signal.SIGTERM] * 3 + [signal.SIGINT] * 2):
        thread = threading.Thread(target=poster.run, args=(number,))
        thread.start()
        listening = threading.Thread(target=_listen, args=(poster.visitor,))
        listening.start()
        time.sleep(dice.uniform(0.05, 0.8))
        code, seconds = server.stop(how)
        took.append(seconds)
        thread.join()
        listening.join()
        assert code == 0
        assert seconds < LIMIT
        server.start()
        poster.visitor.at(server.origin)
    until(lambda: drained(home))
    words = [text.removeprefix("said ") for text in said_in(home, room) if "stopper-" in text]
    assert len(words) == len(set(words))
    assert poster.acknowledged <= set(words) <= poster.sent
    assert len(poster.acknowledged) > 10
    assert server.stop()[0] == 0
    log = server.log.read_text()
    assert "Traceback" not in log
    assert "ERROR" not in log
    print(f"stops took {', '.join(f'{seconds:.2f}' for seconds in took)} s")
    assert sorted(took)[len(took) // 2] < 3


def _listen(visitor: Visitor) -> None:
    """An open page, which a stopping server must not wait for."""
    try:
        with httpx.stream(
            "GET", f"{visitor.client.base_url}/events", cookies=dict(visitor.client.cookies), timeout=20
        ) as events:
            for _ in events.iter_raw():
                pass
    except httpx.HTTPError:
        return


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_while_it_starts(home: Path, serve: Starts, how: signal.Signals) -> None:
    server = serve(home)
    server.begin()
    until(lambda: server.log.exists() and "Loading the encoder" in server.log.read_text())
    code, seconds = server.stop(how)
    assert code == 0, server.log.read_text()
    assert seconds < LIMIT
    assert "Traceback" not in server.log.read_text()


def test_a_second_signal_does_not_end_it_half_way(home: Path, serve: Starts) -> None:
    server = serve(home).start()
    server.process.send_signal(signal.SIGTERM)
    code, _ = server.stop(signal.SIGINT)
    assert code == 0
    assert "Traceback" not in server.log.read_text()


def test_programs_that_start_together_on_a_new_home_share_it(studyhall: Warm, tmp_path: Path) -> None:
    for number in range(3):
        home = tmp_path / f"home-{number}"
        started = [studyhall.start("--home", home, "stats", "--json") for _ in range(4)]
        for ended in [command.wait() for command in started]:
            # While one of them makes the database, another may be told to try again: in a sentence.
            assert ended.code == 0 or "ry again" in ended.err, ended.err
            assert "Traceback" not in ended.err
        assert studyhall.run("--home", home, "stats", "--json").code == 0
        assert unsound(home) == []
        store = open_store(address(home))
        with store.read() as uow:
            assert len(uow.communities.all()) == 1
        store.close()


def test_a_port_that_is_taken(studyhall: Warm, home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = studyhall.run("--home", home, "run", "--port", str(port))
    assert ended.code == 1
    assert str(port) in ended.err
    assert "in use" in ended.err
    assert "Traceback" not in ended.err
    assert "Studyhall is open" not in ended.out


def test_beyond_loopback_a_token_is_demanded(studyhall: Warm, home: Path) -> None:
    ended = studyhall.run("--home", home, "run", "--port", "0", "--host", "0.0.0.0")
    assert ended.code == 1
    assert "STUDYHALL_ACCESS_TOKEN" in ended.err
    assert "Traceback" not in ended.err


def test_beyond_loopback_with_a_token(home: Path, serve: Starts) -> None:
    server = serve(home, "--host", "0.0.0.0", STUDYHALL_ACCESS_TOKEN="let-me-in-please").start()
    port = server.origin.rpartition(":")[2]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as nobody:
        assert nobody.get("/").headers["location"] == "/door"
    assert server.stop()[0] == 0


def test_a_token_that_is_too_short_is_refused_by_name(studyhall: Warm, home: Path) -> None:
    ended = studyhall.run("--home", home, "run", "--port", "0", STUDYHALL_ACCESS_TOKEN="short")
    assert ended.code == 1
    assert "access_token" in ended.err.lower()
    assert "short" not in ended.err.replace("too short", "")
    assert "Traceback" not in ended.err
