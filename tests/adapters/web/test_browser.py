"""The page's own script in a real browser: two people, live, without a reload."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.domain.forms import Form, TextField, prefilled
from bot.domain.incoming import ButtonPressed, CommandInvoked
from bot.domain.outgoing import Button, LocalTime, Outgoing, Paragraph, Text
from tests.adapters.web.conftest import Served, World

Result = TypeVar("Result")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def come_in(browser: Browser, served: Served, name: str, problems: list[str]) -> Page:
    page = browser.new_context(locale="en-US", viewport={"width": 1100, "height": 760}).new_page()
    page.set_default_timeout(8000)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.goto(served.origin)
    page.get_by_role("button", name=name).click()
    page.wait_for_selector(".composer")
    return page


def test_two_people_talk_edit_react_and_delete_live(world: World, served: Served, chromium: Browser) -> None:
    problems: list[str] = []
    sam, ola = (come_in(chromium, served, name, problems) for name in ("Sam", "Ola"))
    for page in (sam, ola):
        page.get_by_role("link", name="general", exact=True).click()
        page.wait_for_selector(".beginning")
    sam.get_by_label("Your message").fill("Hello from <b>Sam</b>")
    sam.get_by_label("Your message").press("Enter")
    sam.wait_for_selector(".msg.pending")
    _drained(world, sam)
    ola.get_by_text("Hello from <b>Sam</b>").wait_for()
    sam.wait_for_selector(".msg.pending", state="detached")

    message = ola.locator(".msg", has_text="Hello from").first
    message.hover()
    message.get_by_role("button", name="React with 🎉").click()
    _drained(world, ola)
    sam.get_by_role("button", name="🎉, 1").wait_for()

    message = sam.locator(".msg", has_text="Hello from").first
    message.hover()
    message.get_by_role("link", name="Edit").click()
    sam.locator(".editing textarea").fill("Hello again")
    sam.locator(".editing textarea").press("Enter")
    _drained(world, sam)
    ola.get_by_text("Hello again").wait_for()
    ola.get_by_text("(edited)").wait_for()

    ola.locator(".msg").first.hover()
    ola.get_by_role("link", name="Reply").first.click()
    ola.get_by_label("Your message").fill("Hi Sam")
    ola.get_by_role("button", name="Send").click()
    _drained(world, ola)
    sam.get_by_role("link", name="1 reply").click()
    sam.wait_for_selector("#panel .msg >> text=Hi Sam")
    sam.get_by_role("link", name="Close", exact=True).last.click()

    sam.on("dialog", lambda dialog: dialog.accept())
    sam.locator(".msg", has_text="Hello again").first.hover()
    sam.locator(".msg", has_text="Hello again").first.get_by_role("button", name="Delete").click()
    _drained(world, sam)
    ola.get_by_text("Sam deleted a message").wait_for()
    assert problems == []


def test_the_bots_answer_arrives_and_its_buttons_answer(world: World, served: Served, chromium: Browser) -> None:
    problems: list[str] = []
    page = come_in(chromium, served, "Sam", problems)
    room = world.rooms["dm Sam"]
    box = page.get_by_label("Your message")
    box.press_sequentially("/fo")
    box.press("Tab")
    assert box.input_value() == "/foryou"
    box.press("Enter")
    (heard,) = _drained(world, page)
    assert isinstance(heard, CommandInvoked)

    def card(label: str, *, pressed: bool) -> Outgoing:
        return Outgoing((Paragraph((Text(label),)),), ((Button("Save", code="v1:save:1", pressed=pressed),),))

    receipt = elsewhere(world.messenger.send(room.ref, card("A course", pressed=False), key="k"))
    page.get_by_role("button", name="Save", pressed=False).click()
    (press,) = _drained(world, page)
    assert isinstance(press, ButtonPressed)
    assert press.on == receipt.refs[0]
    elsewhere(world.messenger.edit(receipt.refs[0], card("A course, saved", pressed=True)))
    elsewhere(world.messenger.notice(room.ref, press.sender.account, "Saved for later"))
    page.get_by_role("button", name="Save", pressed=True).wait_for()
    page.get_by_text("Saved for later").wait_for()
    assert problems == []


def test_a_page_catches_up_after_the_server_was_gone(world: World, served: Served, chromium: Browser) -> None:
    page = come_in(chromium, served, "Sam", [])
    page.get_by_role("link", name="general", exact=True).click()
    page.wait_for_selector(".beginning")
    page.context.set_offline(True)
    page.get_by_label("Your message").fill("written in a tunnel")
    page.get_by_label("Your message").press("Enter")
    page.get_by_text("Not sent.").wait_for()
    world.say("general", "Ola", "meanwhile", "q1")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    _drained(world, page)
    page.get_by_text("meanwhile").wait_for()
    page.wait_for_selector(".msg.pending", state="detached")
    assert [one.text for one in world.messages(world.rooms["general"].id)] == ["meanwhile", "written in a tunnel"]


def test_a_form_that_comes_back_is_gone_on_with_where_it_is_wrong(
    world: World, served: Served, chromium: Browser
) -> None:
    problems: list[str] = []
    page = come_in(chromium, served, "Sam", problems)
    room = world.rooms["dm Sam"]
    fields = (TextField("title", "Title"), TextField("when", "When"))
    form = Form("New event", fields, "Save", code="v1:fill:form00000001")
    receipt = elsewhere(world.messenger.send(room.ref, Outgoing((), form=form), key="k"))
    page.get_by_role("textbox", name="Title").fill("Rust night")
    page.get_by_role("button", name="Save").press("Enter")
    _drained(world, page)
    again = prefilled(form, {"title": ("Rust night",)}, {"when": "That has passed."})
    elsewhere(world.messenger.edit(receipt.refs[0], Outgoing((), form=again)))
    wrong = page.get_by_role("textbox", name="When")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_accessible_description("That has passed.")
    assert problems == []


def test_times_are_of_the_readers_zone_with_a_script_and_without(
    world: World, served: Served, chromium: Browser
) -> None:
    room = world.rooms["dm Mei"]
    at = datetime(2026, 11, 27, 18, 30, tzinfo=UTC)
    message = Outgoing((Paragraph((LocalTime(at, "Fri, Nov 27, 19:30 (Europe/Madrid)"),)),))
    with world.store.write() as uow:
        uow.members.update(replace(world.people["Mei"], timezone="Asia/Shanghai"))
        uow.commit()
    elsewhere(world.messenger.send(room.ref, message, key="k"))
    for script, read in ((True, "Sat, Nov 28, 00:00"), (False, "Sat, Nov 28, 02:30")):
        there = chromium.new_context(locale="en-US", timezone_id="Asia/Kolkata", java_script_enabled=script)
        page = there.new_page()
        page.goto(served.origin)
        page.get_by_role("button", name="Mei").click()
        shown = page.locator("time[data-local]")
        expect(shown).to_have_text(read)
        expect(shown).to_have_attribute("title", "Fri, Nov 27, 19:30 (Europe/Madrid)")
        there.close()


def elsewhere(work: Coroutine[object, object, Result]) -> Result:
    """Run `work` to its end beside the loop that drives the browser."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result(10)


def _drained(world: World, page: Page) -> list[object]:
    """Handle what the page has just sent, as soon as it is there."""
    for _ in range(200):
        fresh = world.drain()
        if fresh:
            return list(fresh)
        page.wait_for_timeout(25)
    pytest.fail("nothing arrived in the inbox")
