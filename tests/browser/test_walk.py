"""What a newcomer does in the first minutes, in a real browser against the real program."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 15_000


@pytest.fixture
def page(chromium: Browser, server: ServerProcess) -> Iterator[Page]:
    context = chromium.new_context(locale="en-US", timezone_id="Europe/Berlin", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console", lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.goto(server.url)
    yield page
    context.close()
    assert problems == []


def join(page: Page, name: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Join the community").click()
    expect(page.get_by_role("heading", name=re.compile(f"Hello {name}"))).to_be_visible()


def say(page: Page, words: str) -> Locator:
    """Type, send, and return the bot's next message."""
    answers = page.locator("#stream .msg.by-bot")
    before = answers.count()
    page.locator("#text").fill(words)
    page.get_by_role("button", name=re.compile("^(Send|发送)$")).first.click()
    expect(answers).to_have_count(before + 1)
    return answers.nth(before)


def titles(message: Locator) -> list[str]:
    """The titles on the cards, without the domain that stands behind a link."""
    found = message.locator(".card-title").all_inner_texts()
    return [re.sub(r"\s*\([\w.-]+\)$", "", title.splitlines()[0]) for title in found]


def card(message: Locator, title: str) -> Locator:
    return message.locator(".card").filter(has_text=title).first


def test_the_first_minutes(page: Page, server: ServerProcess) -> None:
    join(page, "Ada")

    # Onboarding: topics, level, goal, consent, and suggestions at once, then the question about the letter.
    form = say(page, "/start")
    form.get_by_role("button", name="Rust", exact=True).click()
    expect(form.get_by_role("button", name="Rust", exact=True)).to_have_attribute("aria-pressed", "true")
    form.get_by_role("button", name="Continue").click()
    form.get_by_role("button", name="Some practice").click()
    form.get_by_role("button", name="Build something").click()
    expect(form.get_by_role("button", name="Build something")).to_have_attribute("aria-pressed", "true")
    form.get_by_role("button", name="Continue").click()
    expect(form).to_contain_text("What may I use?")
    form.get_by_role("button", name="Continue").click()
    expect(form.locator(".card")).to_have_count(3)
    expect(form).to_contain_text("Rust")
    expect(page.locator("#stream .msg.by-bot").last).to_contain_text("A weekly letter?")

    # Search; each press changes the card, and the next list.
    found = say(page, "/learn rust, in English")
    listed = titles(found)
    assert len(listed) >= 3
    enrolled = next(t for t in listed if card(found, t).get_by_role("button", name="Enrol").count())
    card(found, enrolled).get_by_role("button", name="Enrol").click()
    expect(card(found, enrolled)).to_contain_text("You enrolled")
    first = say(page, "/foryou")
    before = titles(first)
    assert enrolled not in before
    unwanted = before[0]
    card(first, unwanted).get_by_role("button", name="Not interested").click()
    expect(card(first, unwanted)).to_contain_text("Removed from your suggestions")
    after = titles(say(page, "/foryou"))
    assert unwanted not in after
    assert after != before

    # Why this: parts with numbers, and one can be switched off.
    last = page.locator("#stream .msg.by-bot").last
    count = page.locator("#stream .msg.by-bot").count()
    card(last, after[0]).get_by_role("button", name="Why this?").click()
    expect(page.locator("#stream .msg.by-bot")).to_have_count(count + 1)
    why = page.locator("#stream .msg.by-bot").nth(count)
    expect(why).to_contain_text("Score")
    why.get_by_role("button", name=re.compile("use less")).first.click()
    expect(why.get_by_role("button", name=re.compile("use again")).first).to_be_visible()

    # The other language: asked in Chinese, found in both.
    chinese = say(page, "/learn 机器学习课程")
    found_titles = titles(chinese)
    for _ in range(2):
        stamp = chinese.get_attribute("data-stamp")
        assert stamp
        chinese.get_by_role("button", name="More").click()
        expect(chinese).not_to_have_attribute("data-stamp", stamp)
        found_titles += titles(chinese)
    assert any(re.search(r"[\u4e00-\u9fff]", title) for title in found_titles)
    assert any(re.search(r"[Mm]achine [Ll]earning", title) for title in found_titles)

    # A question with an answer from a discussion, with a link to it.
    answer = say(page, "/ask rebase or merge?")
    expect(answer.locator("blockquote, .quote").first).to_be_visible()
    assert answer.get_by_role("link").count() >= 1

    # The letter, as it would be.
    expect(say(page, "/digest preview")).to_contain_text(re.compile("Your week in|not enough good enough"))

    # A room: post, and react to what somebody said.
    page.get_by_role("link", name="frontend").click()
    page.locator("#text").fill("Does anybody use <dialog> & container queries in production?")
    page.locator("#text").press("Enter")
    mine = page.locator("#stream .msg.mine").last
    expect(mine).to_contain_text("Does anybody use <dialog> & container queries in production?")
    mine.hover()
    mine.get_by_role("button", name=re.compile("🎉")).first.click()
    expect(mine).to_contain_text(re.compile(r"🎉\s*1"))

    # Restart: an old button still works.
    assert server.stop() == 0
    server.start()
    page.goto(server.url)
    old = page.locator("#stream .msg.by-bot").filter(has_text="🔎 rust").first
    card(old, enrolled).get_by_role("button", name="Save").click()
    expect(card(old, enrolled).get_by_role("button", name="Saved")).to_be_visible()


def test_a_chinese_newcomer_on_a_phone(chromium: Browser, server: ServerProcess) -> None:
    context = chromium.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 390, "height": 844}, has_touch=True
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(server.url)
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.locator("input[name=name]").fill("小林")
    page.locator("input[name=language][value=zh]").check()
    page.locator("form[action='/members'] button").last.click()
    expect(page.get_by_role("heading", name=re.compile("你好，小林"))).to_be_visible()
    found = say(page, "/learn 异步编程")
    expect(found).to_contain_text("不感兴趣")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    context.close()


def test_two_members_see_each_other_at_once(chromium: Browser, server: ServerProcess) -> None:
    pages = []
    for name in ("Mira", "Noor"):
        context = chromium.new_context(locale="en-US")
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(server.url)
        join(page, name)
        page.get_by_role("link", name="devops").click()
        expect(page.locator("#stream .msg").first).to_be_visible()
        pages.append(page)
    mira, noor = pages
    mira.locator("#text").fill("Is anybody here?")
    mira.locator("#text").press("Enter")
    heard = noor.locator("#stream .msg").filter(has_text="Is anybody here?")
    expect(heard).to_be_visible()
    expect(heard).to_contain_text("Mira")
    for page in pages:
        page.context.close()
