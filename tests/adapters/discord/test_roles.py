"""The server's roles and who has them, through the SDK into the shared store; and Discord's own list of roles in a
window."""

from __future__ import annotations

import discord
from simcord.components import validate_modal

from adapters.discord import modals
from bot.domain.forms import Choice, Form, RolesField, fitted, prefilled
from bot.domain.permissions import PlatformRole
from tests.adapters.discord.hall import Hall, discord_of, run, welcome


def roles_of(hall: Hall) -> list[tuple[str, str]]:
    with hall.store.read() as uow:
        return [(role.name, role.where) for role in uow.native_roles.all(hall.community.id)]


def held(hall: Hall, user: int) -> list[tuple[str, PlatformRole]]:
    with hall.store.read() as uow:
        members = {one.id for one in uow.members.all(hall.community.id)}
        known = uow.native_roles.of(members)
        found = [
            member for member in members for one in uow.members.identities(member) if one.account.native_id == str(user)
        ]
    return [standing for member in found for standing in known.get(member, [])]


def test_roles_and_who_has_them_are_kept_in_step(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild, channel, (lin,) = welcome(env, "lin")
            await hall.adapter._lookovers.look()
            mentor = guild.create_role("Mentor")
            await env.settle()
            await hall.answered()
            assert roles_of(hall) == [("Mentor", str(guild.id))]
            server = env.bot.get_guild(guild.id)
            assert server is not None
            known = await server.fetch_member(lin.id)
            # Nobody here yet: nothing is kept of them until they do something themselves.
            await known.add_roles(discord.Object(mentor.id))
            await env.settle()
            await hall.answered()
            assert held(hall, lin.id) == []
            await lin.slash(channel, "help")
            await hall.answered()
            here = PlatformRole(str(guild.id), groups=frozenset({str(mentor.id)}))
            assert held(hall, lin.id) == [("discord", here)]
            # From now on a change is told without a word of theirs, though the SDK keeps no members.
            await known.remove_roles(discord.Object(mentor.id))
            await env.settle()
            await hall.answered()
            assert held(hall, lin.id) == []
            await known.add_roles(discord.Object(mentor.id))
            await env.settle()
            await hall.answered()
            assert held(hall, lin.id) == [("discord", here)]
            role = server.get_role(mentor.id)
            assert role is not None
            await role.edit(name="Guide")
            await env.settle()
            await hall.answered()
            assert roles_of(hall) == [("Guide", str(guild.id))]
            await role.delete()
            await env.settle()
            await hall.answered()
            assert roles_of(hall) == []
            assert hall.inbox().keys() == {"done"}

    run(scenario)


FIELD = RolesField(
    "roles",
    "Roles",
    (Choice("discord:1:7", "@Mentor · Discord"), Choice("telegram:-5:admins", "admins")),
    ("discord:1:7", "telegram:-5:admins"),
    (("discord", "7"), ("telegram", "admins")),
)


def test_a_window_shows_discords_own_list_of_roles() -> None:
    form = Form("Who may come", (FIELD,), "Save", code="v1:fill:abcdefgh")
    window = modals.window(form, 0)
    validate_modal(window)
    control = window["components"][0]["component"]
    assert control["type"] == 6
    assert control["default_values"] == [{"id": "7", "type": "role"}]
    assert (control["required"], control["max_values"]) == (False, 10)
    sent = [{"type": 18, "component": {"type": 6, "custom_id": "roles", "values": ["7", "8"]}}]
    assert modals.typed(sent) == {"roles": ("7", "8")}
    assert fitted(FIELD, ("7", "7", " 8 ")) == (("7", "8"), None)
    assert prefilled(form, {"roles": ("nobody",)}).fields[0] != FIELD
