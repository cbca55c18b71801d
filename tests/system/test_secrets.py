"""Nothing secret and nothing that people wrote appears in what the program logs, at its most talkative."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storage import open_store
from tests.system.commands import Warm
from tests.system.conftest import Starts, Visits
from tests.system.contents import address
from tests.system.posting import drained, open_room
from tests.system.serving import until

TELEGRAM = "7654321098:CANARY-telegram-AAHdqTcvCH1vGWJxfSeofSAs0K5"
DISCORD = "CANARY.discord.Mzg0NTY3ODkwMTIzNDU2Nzg5"
ACCESS = "CANARY-access-let-me-in"
SAID = "CANARYSAID"
NOWHERE = "http://127.0.0.1:1/api/v10"
"""Where nobody answers: a token of a test is shown to nobody."""


@pytest.mark.slow
def test_logs_hold_no_secret_and_no_message(home: Path, serve: Starts, visit: Visits) -> None:
    settings = {
        "STUDYHALL_TELEGRAM_TOKEN": TELEGRAM,
        "STUDYHALL_DISCORD_TOKEN": DISCORD,
        "STUDYHALL_DISCORD_REST_URL": NOWHERE,
        "STUDYHALL_ACCESS_TOKEN": ACCESS,
        "STUDYHALL_LOG_LEVEL": "DEBUG",
    }
    server = serve(home, **settings).start()
    ann = visit(server, f"{SAID}name", door=ACCESS)
    ann.say(f"{SAID} a question: how do indexes work?", room=open_room(home))
    for words in ("/learn", "/ask how do", "/help", "/nonsense", "/foryou"):
        assert ann.say(f"{words} {SAID}").status_code == 202
    ann.say(f"{SAID} plain words")
    ann.press("1", f"v1:nothing:{SAID}12345678")
    ann.client.get(f"/rooms/{SAID}?q={SAID}")
    until(lambda: drained(home))
    server.kill()
    server.start()
    assert server.stop()[0] == 0
    log = server.log.read_text()
    assert "DEBUG" in log, "it did log"
    hidden = words_of(home) | {TELEGRAM, DISCORD, ACCESS, SAID, "CANARY"}
    leaked = {secret for secret in hidden if secret in log}
    assert leaked == set()
    key = (home / "web.key").read_bytes()
    assert key.hex() not in log


def words_of(home: Path) -> set[str]:
    """Of every message long enough to be told from other text."""
    store = open_store(address(home))
    with store.read() as uow:
        (community,) = uow.communities.all()
        texts = {m.text for room in uow.rooms.all(community.id) for m in uow.messages.page(room.id, limit=5000)}
    store.close()
    return {line for text in texts for line in text.splitlines() if len(line) > 24 and re.search(r"\w{3}", line)}


def test_commands_say_no_secret_either(studyhall: Warm, home: Path, tmp_path: Path) -> None:
    """Also where a setting beside the secret is wrong, and what the program asks of itself."""
    settings = {"STUDYHALL_TELEGRAM_TOKEN": TELEGRAM, "STUDYHALL_ACCESS_TOKEN": ACCESS, "STUDYHALL_LOG_LEVEL": "DEBUG"}
    wrong = settings | {"STUDYHALL_PORT": "x"}
    short = settings | {"STUDYHALL_ACCESS_TOKEN": "CANARY"}
    password = {"STUDYHALL_DATABASE_URL": "postgresql://ann:CANARY@127.0.0.1:1/none"}
    for command, chosen in (
        (("doctor",), settings),
        (("doctor", "--json"), settings),
        (("search", "rust"), settings),
        (("stats",), wrong),
        (("stats",), short),
        (("stats",), password),
        (("doctor",), password),
    ):
        ended = studyhall.run("--home", home, *command, **chosen)
        assert ended.code in (0, 1)
        assert "CANARY" not in ended.out + ended.err, (command, ended)
    (home / "studyhall.toml").write_text(f'access_token = "{ACCESS}"\nport = "x"\n')
    ended = studyhall.run("--home", home, "stats")
    assert ended.code == 1
    assert "CANARY" not in ended.err
