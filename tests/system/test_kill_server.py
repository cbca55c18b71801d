"""The server killed while members post: what it acknowledged is there once, its answers neither lost nor doubled."""

from __future__ import annotations

import random
import re
import threading
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.system.conftest import Starts, Visits
from tests.system.contents import unsound
from tests.system.posting import Poster, drained, open_room, said_in
from tests.system.serving import Server, Visitor, until

KILLS = 6
POSTERS = 3


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(home: Path, serve: Starts, visit: Visits) -> None:
    dice = random.Random(17)
    server = serve(home).start()
    room = open_room(home)
    posters = [Poster(visit(server, f"poster{n}"), room) for n in range(POSTERS)]
    reader = visit(server, "reader")
    reader.say("/learn rust async")
    until(reader.buttons)
    message, code = next((m, c) for m, c in reader.buttons() if c.startswith("v1:save:"))
    for number in range(KILLS):
        threads = [threading.Thread(target=poster.run, args=(number,)) for poster in posters]
        for thread in threads:
            thread.start()
        time.sleep(dice.uniform(0.2, 1.2))
        left = psutil.Process(server.process.pid).children(recursive=True)
        server.kill()
        until(lambda left=left: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in left))
        for thread in threads:
            thread.join()
        assert unsound(home) == []
        server.start()
        for visitor in (reader, *(poster.visitor for poster in posters)):
            visitor.at(server.origin)
    until(lambda: drained(home))

    stored = said_in(home, room)
    for poster in posters:
        mine = [text for text in stored if f"{poster.visitor.name}-" in text]
        words = [text.removeprefix("said ") for text in mine]
        assert len(words) == len(set(words)), "doubled"
        assert poster.acknowledged <= set(words) <= poster.sent, "lost or invented"
        assert len(poster.acknowledged) > KILLS

        own = said_in(home, poster.visitor.direct)
        asked = [text.removeprefix("/help ") for text in own if text.startswith("/help ")]
        answers = len(own) - len(asked)
        assert len(asked) == len(set(asked))
        assert poster.answered <= set(asked) <= poster.asked
        assert answers == len(asked), "each question has one answer"

    still_works(reader, message, code)
    assert server.stop()[0] == 0
    assert unsound(home) == []
    assert all("Traceback" not in line for line in server.log.read_text().splitlines())


def still_works(reader: Visitor, message: str, code: str) -> None:
    """A button that was sent before all the kills does what it says."""
    pressed = re.compile(re.escape(f"press:{code}") + r'"[^>]*aria-pressed="true"')
    assert not any(pressed.search(html) for _, html in reader.shown())
    assert reader.press(message, code).status_code == 202
    until(lambda: any(pressed.search(html) for _, html in reader.shown()))


def test_a_server_killed_while_it_starts_starts_again(home: Path, serve: Starts) -> None:
    """Also in the middle of embedding and of writing its index."""
    dice = random.Random(5)
    server: Server = serve(home)
    for _ in range(2):
        server.begin()
        time.sleep(dice.uniform(0.3, 1.6))
        server.kill()
        assert unsound(home) == []
    server.start()
    assert server.stop()[0] == 0
