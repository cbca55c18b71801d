"""Answers to queries from anywhere: every limit of answerInlineQuery, and what each result would post."""

from __future__ import annotations

import re
from typing import Any

from tests.telegram_server.calls import Call
from tests.telegram_server.errors import bad
from tests.telegram_server.markup import units
from tests.telegram_server.model import World
from tests.telegram_server.sending import formatted, keyboard

Json = dict[str, Any]
QUERY_LIVES = 10.0
"""Seconds in which a query can be answered."""
MAX_RESULTS = 50
START = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def answer_inline(world: World, call: Call) -> bool:
    asked = world.asked.get(call.text("inline_query_id"))
    results = call.structure("results")
    if not isinstance(results, list):
        raise bad("can't parse inline query results: expected an Array of inline query results")
    if len(results) > MAX_RESULTS:
        raise bad("RESULTS_TOO_MUCH")
    made = [_result(each) for each in results]
    if len({one["id"] for one in made}) != len(made):
        raise bad("RESULT_ID_DUPLICATE")
    if len(call.text("next_offset").encode()) > 64:
        raise bad("NEXT_OFFSET_INVALID")
    cache_time = call.number("cache_time", 300) or 0
    button = _button(call.structure("button"))
    if asked is None or asked.answer is not None or world.now() - asked.at > QUERY_LIVES:
        raise bad(_TOO_OLD)
    given = {"results": made, "cache_time": max(cache_time, 0), "is_personal": call.flag("is_personal")}
    world.remember(asked, given | {"next_offset": call.text("next_offset"), "button": button})
    return True


def _button(button: Any) -> Json | None:
    if button is None:
        return None
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad('can\'t parse inline query results button: field "text" must be of type String')
    if not button["text"].strip():
        raise bad("SWITCH_PM_TEXT_EMPTY")
    if ("start_parameter" in button) == ("web_app" in button):
        raise bad("can't parse inline query results button: exactly one of the optional fields must be used")
    if "start_parameter" in button and not button["start_parameter"]:
        raise bad("START_PARAM_EMPTY")
    if "start_parameter" in button and not START.fullmatch(str(button["start_parameter"])):
        raise bad("START_PARAM_INVALID")
    return button


def _result(given: Any) -> Json:
    if not isinstance(given, dict):
        raise bad("can't parse inline query results: expected an Object")
    result_id = given.get("id")
    if not isinstance(result_id, str) or not 1 <= len(result_id.encode()) <= 64:
        raise bad("RESULT_ID_INVALID")
    if given.get("type") != "article":
        raise bad("RESULT_TYPE_INVALID")
    if not isinstance(given.get("title"), str) or not given["title"].strip():
        raise bad("ARTICLE_TITLE_EMPTY")
    content = given.get("input_message_content")
    if not isinstance(content, dict) or "message_text" not in content:
        raise bad("can't parse inline query results: can't find field \"message_text\"")
    text, entities = formatted(Call(content), "message_text", "entities")
    if not text:
        raise bad("MESSAGE_EMPTY")
    if units(text) > 4096:
        raise bad("MESSAGE_TOO_LONG")
    markup = keyboard(Call({"reply_markup": given["reply_markup"]})) if "reply_markup" in given else None
    kept = {key: value for key, value in given.items() if key != "reply_markup"}
    return kept | {"shown": {"text": text, "entities": entities}} | ({"reply_markup": markup} if markup else {})
