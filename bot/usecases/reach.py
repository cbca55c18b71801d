"""Where a member is written to, who may have accounts on several platforms. Knows no platform."""

from __future__ import annotations

from bot.ports import UnitOfWork


def platform_for(uow: UnitOfWork, member_id: int, wanted: str = "") -> str:
    """`wanted` (where they answered, or act just now) as long as they are there; otherwise where they want their
    letter; otherwise where they came from first, of the platforms where they ever spoke to us (an account that only an
    import knows is answered by nobody) if there are any. Empty: they have no account."""
    platforms = [identity.account.platform for identity in uow.members.identities(member_id)]
    if wanted in platforms or not platforms:
        return wanted
    chosen = uow.digests.get(member_id).platform
    if chosen in platforms:
        return chosen
    member = uow.members.get(member_id)
    spoken = [p for p in platforms if member is not None and uow.rooms.directs(member.community_id, p, (member.id,))]
    return (spoken or platforms)[0]
