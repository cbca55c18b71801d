"""Everything happens once: so every kind of update that the platform tells has been told. Knows no HTTP."""

from __future__ import annotations

from typing import Any

from tests.telegram_server.calls import Call
from tests.telegram_server.methods import METHODS
from tests.telegram_server.model import World

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x09" + b"\x00" * 16
ARTICLE = {
    "type": "article",
    "id": "course:1",
    "title": "Rust",
    "description": "2 h",
    "input_message_content": {"message_text": "<b>Rust</b>", "parse_mode": "HTML"},
}


def everything(world: World) -> None:
    """Ask for every kind of update before."""

    def call(method: str, **values: Any) -> Any:
        return METHODS[method.lower()](world, Call(values))

    world.inline_feedback = True
    hall = world.group("Hall", forum=True, bot="administrator", username="hall")
    news, small = world.group("News", channel=True, bot="administrator"), world.group("Small", supergroup=False)
    ann, ben = world.person("Ann"), world.person("Ben", language="zh-hans", username="ben_99")
    ann.opens("abc")
    ann.sends(None, "How do I cancel a task?")
    ann.joins(hall)
    topic = world.topic(hall, "Async", ann.user)
    first = ann.sends(hall, "hello https://a.example/ @studyhall_bot", topic=topic)
    ann.sends(hall, "again", topic=topic, reply_to=first)
    ann.sends(hall, "/ask@studyhall_bot how?", topic=topic)
    ann.edits(first, "hello again")
    ann.reacts(first, "👍")
    ann.reacts(first, "🎉")
    world.close_topic(hall, topic, ann.user)
    ann.sends_file(hall, "n.pdf", b"x", caption="notes")
    ann.sends_file(None, "p.png", PNG, photo=True)
    posted = world.post(news, ann.user, "1.99 is out")
    ann.reacts(posted, "🎉")
    ann.joins(small)
    world.migrate(small)
    ann.ends_poll(ann.polls(hall, "When?", "Mon", "Tue"))
    options = [{"text": "Mon"}, {"text": "Tue"}]
    poll = call("sendPoll", chat_id=hall.id, question="When?", options=options, is_anonymous=False)
    found = hall.find(poll["message_id"])
    assert found is not None
    ann.votes(found, 1)
    keys = {"inline_keyboard": [[{"text": "G", "callback_data": "v1:save:abcdefgh"}]]}
    call("sendMessage", chat_id=ann.id, text="x", reply_markup=keys)
    ann.presses(ann.inbox[-1], "v1:save:abcdefgh")
    asked = ann.searches("rust")
    call("answerInlineQuery", inline_query_id=asked.id, results=[ARTICLE])
    ann.chooses(asked, 0, hall)
    ben.asks_to_join(hall)
    ben.joins(hall)
    ben.leaves(hall)
    ann.blocks_bot()
    ann.opens()
    ann.removes_bot(hall)
    ann.adds_bot(hall)
    world.promote(hall)
