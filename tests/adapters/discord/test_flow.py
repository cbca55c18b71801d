"""The whole program on a simulated Discord: what a member does, and what they get to see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
import simcord

from bot.domain.consent import Consent, ConsentKind
from bot.domain.incoming import RoomKind
from bot.domain.interactions import Signal
from bot.domain.items import Post
from bot.domain.outgoing import DeliveryClass, Sending
from bot.domain.permissions import Role
from bot.domain.refs import AccountRef, RoomRef
from bot.domain.schedules import Job
from bot.ports import UnitOfWork
from recsys.signals import Feedback
from tests.adapters.discord.hall import Hall, discord_of, labels, run, shown, welcome
from tests.contracts.messenger import said


def profile_of(hall: Hall, who: simcord.MemberActor) -> Any:
    with hall.store.read() as uow:
        member = uow.members.by_account(hall.community.id, AccountRef("discord", str(who.id)))
        assert member is not None
        return member


def whispered(result: simcord.InteractionResult) -> list[Any]:
    """Everything that this interaction brought, oldest first."""
    return [*([result.response] if result.response else []), *result.followups]


def test_from_the_first_question_to_the_first_list(hall: Hall) -> None:
    async def scenario() -> None:
        hall.add_courses()
        async with discord_of(hall) as env:
            _, channel, (lin, sam) = welcome(env, "lin", "sam")
            begun = await lin.slash(channel, "setup me")
            assert begun.deferred
            await hall.answered()
            question = begun.response
            assert question is not None
            assert question.ephemeral
            assert "Ferris Hall" in shown(question)
            rust = next(label for label in labels(question) if label.lower() == "rust")
            await lin.click(question, label=rust)
            await hall.answered()
            assert f"✓ {rust}" in labels(question)
            for step in ("Continue", "Some", "Continue"):
                chosen = next(label for label in labels(question) if label.removeprefix("✓ ").startswith(step))
                await lin.click(question, label=chosen)
                await hall.answered()
            last = await lin.click(question, label=next(one for one in labels(question) if one.startswith("Continue")))
            await hall.answered()
            assert profile_of(hall, lin).profile.topics == ("rust",)
            assert "Async Rust in practice" in shown(question)
            assert any("digest" in shown(one).lower() or "letter" in shown(one).lower() for one in whispered(last))
            assert channel.history(viewer=sam) == []
            assert hall.inbox() == {"done": 6}

    run(scenario)


def test_a_question_in_chinese_is_answered_in_chinese_with_its_source(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin, mei) = welcome(env, "lin", "mei")
            hall.opens(channel)
            await mei.send(channel, "为什么 tokio::spawn 需要 'static 生命周期？我的引用编译不过，借用检查器报错。")
            asked = channel.last_message
            assert asked is not None
            await mei.send(channel, "因为任务可能比创建它的栈帧活得更久，所以借用的数据必须一直有效。", reply_to=asked)
            await hall.answered()
            hall.add_courses(())
            result = await lin.slash(channel, "ask", question="tokio::spawn 为什么需要 'static 生命周期？")
            await hall.answered()
            (answer, *_) = whispered(result)
            assert answer.ephemeral
            assert "任务可能比创建它的栈帧活得更久" in shown(answer)
            assert f"https://discord.com/channels/{env.guild.id}/{channel.id}/" in shown(answer)
            pressed = await lin.click(answer, label=labels(answer)[0])
            await hall.answered()
            assert pressed.acknowledged
            assert hall.outbox() == {"sent": 2}

    run(scenario)


def test_every_button_of_a_list_may_be_pressed(hall: Hall) -> None:
    async def scenario() -> None:
        hall.add_courses()
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            result = await lin.slash(channel, "learn find", query="rust")
            await hall.answered()
            listed = result.response
            assert listed is not None
            ids = [one["custom_id"] for one in walk(listed.components) if "custom_id" in one]
            assert len(ids) >= 8
            for native in ids:
                present = [one.get("custom_id") for one in walk(listed.components)]
                if native in present:
                    pressed = await lin.click(listed, custom_id=native)
                    await hall.answered()
                    assert pressed.acknowledged
            assert set(hall.outbox()) == {"sent"}
            assert set(hall.inbox()) == {"done"}

    run(scenario)


def walk(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [inner for one in components for inner in (one, *walk(one.get("components", [])))]


def enrolments(uow: UnitOfWork, member: int) -> list[str]:
    return [one.item for one in uow.interactions.of_member(member) if one.signal is Signal.ENROL]


def test_a_double_press_enrols_once(hall: Hall) -> None:
    async def scenario() -> None:
        hall.add_courses()
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            result = await lin.slash(channel, "learn find", query="rust")
            await hall.answered()
            listed = result.response
            assert listed is not None
            enrol = next(one["custom_id"] for one in walk(listed.components) if ":enrol:" in one.get("custom_id", ""))
            await lin.click(listed, custom_id=enrol)
            await lin.click(listed, custom_id=enrol)
            await hall.answered()
            with hall.store.read() as uow:
                assert len(enrolments(uow, profile_of(hall, lin).id)) == 1
            assert set(hall.outbox()) == {"sent"}

    run(scenario)


def test_buttons_outlive_the_program(hall: Hall) -> None:
    async def scenario() -> None:
        hall.add_courses()
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            result = await lin.slash(channel, "learn find", query="rust")
            await hall.answered()
            listed = result.response
            assert listed is not None
            hall.restart()
            await env.restart_bot(hall.adapter.connect())
            enrol = next(one["custom_id"] for one in walk(listed.components) if ":enrol:" in one.get("custom_id", ""))
            before = shown(listed)
            await lin.click(listed, custom_id=enrol)
            await hall.answered()
            assert shown(listed) != before
            with hall.store.read() as uow:
                assert len(enrolments(uow, profile_of(hall, lin).id)) == 1

    run(scenario)


def test_what_was_asked_before_the_program_ended_is_answered_after_it_began_again(hall: Hall) -> None:
    async def scenario() -> None:
        hall.add_courses()
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            result = await lin.slash(channel, "learn find", query="rust")
            hall.restart()
            await env.restart_bot(hall.adapter.connect())
            await hall.answered()
            assert result.response is not None
            assert "Async Rust" in shown(result.response)

    run(scenario)


def test_a_forum_post_its_answer_an_edit_a_reaction_and_a_deletion_reach_the_store(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin, sam) = welcome(env, "lin", "sam")
            await lin.send(channel, "first words")
            message = channel.last_message
            assert message is not None
            await sam.react(message, "👍")
            await lin.edit(message, "better words")
            await hall.answered()
            assert hall.texts(channel.id) == ["better words"]
            with hall.store.read() as uow:
                (room,) = [one for one in uow.rooms.all(hall.community.id) if one.kind is RoomKind.CHANNEL]
                assert [(one.emoji, one.count) for one in uow.messages.page(room.id)[0].reactions] == [("👍", 1)]
            await sam.unreact(message, "👍")
            await lin.delete(message)
            await hall.answered()
            assert hall.texts(channel.id) == [""]
            with hall.store.read() as uow:
                assert uow.messages.page(room.id)[0].reactions == ()

    run(scenario)


def test_without_the_right_to_read_messages_commands_and_mentions_work(hall: Hall) -> None:
    async def scenario() -> None:
        hall.intents = frozenset()
        hall.restart()
        hall.add_courses()
        none = discord.Intents.all()
        none.message_content = none.members = none.presences = False
        async with discord_of(hall, approved_intents=none) as env:
            _, channel, (lin,) = welcome(env, "lin")
            await lin.send(channel, "something among ourselves")
            result = await lin.slash(channel, "learn find", query="rust")
            await hall.answered()
            assert result.response is not None
            assert "Async Rust" in shown(result.response)
            assert hall.texts(channel.id) == []
            me = env.bot.user
            assert me is not None
            await lin.send(channel, f"<@{me.id}> where do I learn async rust?")
            await hall.answered()
            answer = channel.last_message
            assert answer is not None
            assert answer.author.id == me.id

    run(scenario)


def test_words_said_on_discord_are_never_what_is_trained_on(hall: Hall) -> None:
    """They become discussions that can be found; the trainer reads presses, and of those nothing that was said."""

    async def scenario() -> None:
        hall.add_courses()
        async with discord_of(hall) as env:
            _, channel, (lin, sam) = welcome(env, "lin", "sam")
            hall.opens(channel)
            for who in (lin, sam):
                await who.send(channel, "hello")
            await hall.answered()
            with hall.store.write() as uow:
                for who in (lin, sam):
                    uow.members.update(replace(profile_of(hall, who), consent=Consent(frozenset(ConsentKind))))
                uow.commit()
            await lin.send(channel, "How do I cancel a task in tokio without losing what it holds?")
            question = channel.last_message
            assert question is not None
            await sam.send(channel, "Drop the handle, and write the state out before every await.", reply_to=question)
            await sam.react(question, "👍")
            result = await lin.slash(channel, "learn find", query="rust")
            await hall.answered()
            listed = result.response
            assert listed is not None
            enrol = next(one["custom_id"] for one in walk(listed.components) if ":enrol:" in one.get("custom_id", ""))
            await lin.click(listed, custom_id=enrol)
            await hall.answered()

    run(scenario)
    with hall.store.read() as uow:
        everything = [one for _, one in uow.interactions.after(hall.community.id, 0, limit=100)]
        posts: list[Post] = uow.posts.all(hall.community.id)
        columns = uow.interactions.for_training(hall.community.id, Feedback().trainable)
        trained = list(uow.interactions.explicit(hall.community.id, Feedback().trainable))
    assert [post.title for post in posts]
    said = {Signal.POST, Signal.REPLY, Signal.REACT}
    assert said <= {one.signal for one in everything}
    assert not {str(one.signal) for one in trained} & {str(one) for one in said}
    assert not any(str(one.item).startswith("post:") for one in trained)
    assert "tokio" not in repr(columns)


def test_what_is_about_a_room_is_answered_to_whoever_asked(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild = env.create_guild()
            channel = guild.create_text_channel("rust")
            role = guild.create_role("Mods", permissions=discord.Permissions(manage_guild=True))
            mod = guild.add_member(env.create_user("mod"), roles=[role])
            sam = guild.add_member(env.create_user("sam"))
            assert "staff" not in sam.available_commands(channel)
            await mod.send(channel, "hello")
            await hall.answered()
            with hall.store.write() as uow:
                uow.members.update(replace(profile_of(hall, mod), role=Role.MODERATOR))
                uow.commit()
            result = await mod.slash(channel, "staff suggest", words="fri 9:00")
            await hall.answered()
            (answer,) = whispered(result)
            assert answer.ephemeral
            assert "rust" in shown(answer)
            assert [one.content for one in channel.history(viewer=sam)] == ["hello"]
            with hall.store.read() as uow:
                (planned,) = uow.schedules.all(hall.community.id, Job.SUGGEST)
                room = uow.rooms.by_ref(hall.community.id, RoomRef("discord", str(channel.id)))
            assert room is not None
            assert planned.recipient == f"room:{room.id}"

    run(scenario)


def test_a_letter_that_was_asked_for_comes_directly(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            asked = await lin.slash(channel, "digest settings")
            await hall.answered()
            assert asked.response is not None
            await lin.click(asked.response, label=labels(asked.response)[0])
            await hall.answered()
            member = profile_of(hall, lin)
            with hall.store.write() as uow:
                assert uow.digests.get(member.id).enabled
                room = uow.rooms.direct(hall.community.id, "discord", member.id)
                letter = Sending("letter", room.ref, said("your week"), DeliveryClass.AT_MOST_ONCE, unsolicited=True)
                uow.outbox.add(hall.community.id, replace(letter, to_member=member.id), member.joined_at)
                uow.commit()
            hall.restart()
            await env.restart_bot(hall.adapter.connect())
            await hall.answered()
            (sent,) = lin.user.dm_channel.history()
            assert "your week" in shown(sent)

    run(scenario)


def test_the_menu_under_a_message_keeps_its_discussion(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin, mei) = welcome(env, "lin", "mei")
            hall.opens(channel)
            await mei.send(channel, "Why does tokio::spawn need a static lifetime?")
            await hall.answered()
            assert channel.last_message is not None
            result = await lin.context_menu(channel, "Save", channel.last_message)
            await hall.answered()
            (answer,) = whispered(result)
            assert answer.ephemeral
            assert "tokio::spawn" in shown(answer).replace("\\", "")
            with hall.store.read() as uow:
                (item,) = uow.interactions.known(profile_of(hall, lin).id)[Signal.SAVE]
            assert item.startswith("post:")

    run(scenario)
