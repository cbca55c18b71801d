"""Where somebody is written to who has accounts on several platforms."""

from __future__ import annotations

from bot.domain.incoming import Sender
from bot.domain.refs import AccountRef
from bot.usecases.reach import platform_for
from storage import SqlStore
from tests.bot.world import World


def account(store: SqlStore, world: World, member_id: int, platform: str, *, spoke: bool) -> None:
    with store.write() as uow:
        uow.members.attach(member_id, AccountRef(platform, f"{platform}-{member_id}"), "Ann")
        if spoke:
            uow.rooms.direct(world.community.id, platform, member_id)
        uow.commit()


def test_where_they_act_now_comes_first_and_an_account_of_an_import_last(world: World) -> None:
    store = world.store
    with store.write() as uow:
        known = Sender(AccountRef("telegram", "old-export"), "Ann")
        member = uow.members.resolve(world.community.id, known, world.clock.now())
        uow.commit()
    with store.read() as uow:
        assert platform_for(uow, member.id) == "telegram", "there is no other"
    account(store, world, member.id, "web", spoke=True)
    account(store, world, member.id, "discord", spoke=True)
    with store.read() as uow:
        assert platform_for(uow, member.id) == "web"
        assert platform_for(uow, member.id, "discord") == "discord"
        assert platform_for(uow, member.id, "telegram") == "telegram"
        assert platform_for(uow, member.id, "matrix") == "web"
