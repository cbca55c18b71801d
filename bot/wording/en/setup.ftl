# The checklist of /setup, its pages, and what the platforms said.

setup-good = ✅ Fine: { $text }
setup-bad = ❌ To do: { $text } { $todo }
setup-off = ➖ { $text }
setup-heading = Setup of { $community }
setup-asked = Asked { $age } ago.
setup-asked-long-ago = Asked { $age } ago: there has been no connection since. `studyhall doctor` says why.
setup-age-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
setup-age-hours = { $count } hours

# What the platforms are asked
setup-account-good = The token is accepted; I am { $detail } here.
setup-account-bad = I could not introduce myself: { $detail }.
setup-account-todo = → Where the token is refused, set it anew and start again; where nothing answers, look at the network and the address in the settings.
setup-home-good = I am in your server and in no other.
setup-home-bad = I am in { $detail } servers and do not know which one is yours, so I read none.
setup-home-todo = → Set STUDYHALL_DISCORD_SERVER to the id of yours, or remove me from the others.
setup-updates-good = Every kind of update is asked for, reactions too.
setup-updates-bad = Some kinds of update are not asked for: { $detail }.
setup-updates-todo = → Stop whatever else uses this token, and start the program again.
setup-webhook-good = Updates arrive at our address.
setup-webhook-bad = Updates do not arrive: { $detail }.
setup-webhook-todo = → Make STUDYHALL_PUBLIC_URL reachable from outside with a valid certificate, or poll.
setup-hears-good = In { $subject } I hear every message.
setup-hears-bad = In { $subject } I hear only commands, mentions and answers to me: privacy mode is on.
setup-hears-todo = → Make me an administrator there, or switch it off with @BotFather (/setprivacy) and add me anew.
setup-administrator-good = In { $subject } I am an administrator: reactions, joins and leaves are told to me.
setup-administrator-bad = In { $subject } I am no administrator: reactions are not told to me, and I cannot ask who is a member.
setup-administrator-todo = → Make me an administrator there; no single right is needed beyond that.
setup-content-good = The message content intent is on.
setup-content-bad = The message content intent is off ({ $detail }): I do not read what people say among themselves.
setup-content-todo = → Switch it on in the developer portal (Bot, Privileged Gateway Intents) and in STUDYHALL_DISCORD_INTENTS.
setup-members-good = The server members intent is on.
setup-members-bad = The server members intent is off ({ $detail }): I am not told who joins and leaves.
setup-members-todo = → Switch it on in the developer portal (Bot, Privileged Gateway Intents) and in STUDYHALL_DISCORD_INTENTS.
setup-room-good = In #{ $subject } I have every right that I need.
setup-room-bad = In #{ $subject } I lack: { $detail }.
setup-room-todo = → Give these rights to my role, in the room or in the server. A room that is none of my business can stay so.
setup-room-more = { $count } more rooms in which I lack a right.
setup-room-all = { $count ->
    [one] I have every right that I need in the one room that I see.
   *[other] I have every right that I need in all { $count } rooms that I see.
}

# Homes and staff
setup-homes-good = Yours: { $names }.
setup-homes-bad = No group or server is proved to be yours, so whoever runs it is no moderator here and nothing of it is suggested.
setup-homes-todo = → Run `studyhall setup-code` (or press Moderators, New code) and write /setup CODE in the group.
setup-homes-foreign = { $count ->
    [one] I am also in { $names }, which nobody proved to be yours.
   *[other] I am also in { $count } groups that nobody proved to be yours: { $names }.
}
setup-staff-line = { $count ->
    [one] Moderators: 1 person by name
   *[other] Moderators: { $count } people by name
}, and those of { $homes ->
    [0] no group or server
    [one] 1 group or server
   *[other] { $homes } groups and servers
}.
setup-staff-heading = Who is a moderator
setup-staff-lead = { $count ->
    [one] 1 person is staff by name.
   *[other] { $count } people are staff by name.
} Who administers a group or server of yours is a moderator too, for as long as they do:
setup-staff-note = Named roles: /setup role 123456789012345678 counts a role of your server, with "off" behind it no more.
setup-staff-owner-only = Only the owner changes this.
setup-home-admins = { $name } ({ $platform }): its administrators are moderators here.
setup-home-no-admins = { $name } ({ $platform }): its administrators are not moderators here.
setup-home-roles = Roles that count: { $roles }.
setup-button-admins-on = Count admins of { $name }
setup-button-admins-off = Admins of { $name } ✓
setup-button-forget = Not ours any more
setup-button-code = New code for a group
setup-code-lead = Write this in the group or server that is yours. It works once, within an hour:

# Proving
setup-proved-home = Proved: this is one of the community's own places. Who administers it is a moderator now. /setup rooms says what may be suggested from.
setup-proved-owner = Welcome: you are the owner of this community. /setup shows what is left to do.
setup-proved-elsewhere = That code is good, but not here: a code for a group is written in the group, a code for an owner to me alone.
setup-proved-wrong = That code is unknown, used up or older than an hour. `studyhall setup-code` makes a new one.
setup-staff-only = Only moderators set the community up.
setup-owner-only = Only the owner decides who is a moderator.
setup-not-home = Only moderators set the community up, and this place is not proved to be the community's. Its owner runs `studyhall setup-code` and writes /setup CODE here.
setup-usage = Write /setup, /setup rooms, /setup moderators, /setup weekly, /setup language zh, /setup Asia/Shanghai, or /setup role 123456789012345678.
setup-role-where = Write that in the server whose role it is.

# Rooms
setup-rooms-good = Discussions of { $on } of { $all } rooms may be suggested; { $never } are ruled out.
setup-rooms-bad = Nothing is suggested from any of { $all } rooms; { $never } are ruled out.
setup-rooms-todo = → Press Rooms and switch on those whose discussions members may find.
setup-rooms-heading = Rooms
setup-rooms-lead = { $on } of { $all } rooms are on, { $never } are ruled out.
setup-rooms-none = I know no room yet. Say something in one.
setup-rooms-foreign = { $count ->
    [one] 1 room of a group that is not yours is left out.
   *[other] { $count } rooms of groups that are not yours are left out.
}
setup-rooms-note = Off: discussions are kept and not suggested. Never: no switch for all rooms changes it. A private room's discussions are shown to those who are in it, nobody else; "all on" leaves them off.
setup-room-on = ✅ On: { $room } ({ $platform })
setup-room-off = ➖ Off: { $room } ({ $platform })
setup-room-never = ⛔ Never: { $room } ({ $platform })
setup-room-private = {" "}· private
setup-button-on = Switch on { $room }
setup-button-off = Switch off { $room }
setup-button-never = Never
setup-button-lift = Allow { $room } again
setup-button-all-on = All public on
setup-button-all-off = All off
setup-notice-on = On. What was said there before is taken in now.
setup-notice-off = Off. Nothing of it is suggested any more.
setup-notice-never = Ruled out.
setup-notice-lift = Not ruled out any more; it is still off.
setup-notice-same = That is how it is already.
setup-notice-staff = Changed, from their next step on.
setup-notice-weekly = Changed.
setup-notice-again = I am asking. Press once more in a few seconds.

# Language, time zone, weekly suggestion
setup-language-line = Language where nobody has chosen one: { $language }.
setup-zone-line = Time zone: { $timezone }.
setup-zone-heading = Time zone
setup-zone-lead = Now { $timezone }. For another one write it, such as /setup Asia/Tokyo.
setup-when = { $weekday } at { $time } ({ $timezone })
setup-weekly-line = { $room } gets "discussions worth reading" every { $when }.
setup-weekly-off = No room gets "discussions worth reading" once a week. That is up to you.
setup-weekly-room-off = { $room }: no weekly suggestion.
setup-weekly-heading = Discussions worth reading, once a week
setup-weekly-lead = Which public rooms get it, and when.
setup-button-weekly-on = { $room }: on
setup-button-weekly-off = { $room }: off
setup-button-earlier = − 1 h
setup-button-later = + 1 h
setup-button-day = Next day
setup-button-rooms = Rooms
setup-button-weekly = Weekly suggestion
setup-button-staff = Moderators
setup-button-language = Language: { $language }
setup-button-zone = Time zone
setup-button-again = Ask the platforms again
setup-button-before = ◂
setup-button-after = ▸
setup-button-back = ↩ Checklist

# What could not be delivered
setup-delivery-good = No message was refused in the last 30 days.
setup-delivery-in-doubt = { $count ->
    [one] 1 message on { $platform } may or may not have arrived.
   *[other] { $count } messages on { $platform } may or may not have arrived.
}
setup-delivery-in-doubt-todo = → Nothing: they are not sent again, because nobody likes to get a letter twice.
setup-delivery-malformed = { $count ->
    [one] 1 message was not understood by { $platform }.
   *[other] { $count } messages were not understood by { $platform }.
}
setup-delivery-malformed-todo = → Report it with the program's log: that is a mistake of ours.
setup-delivery-dropped = { $count ->
    [one] 1 message on { $platform } was given up after days without a connection.
   *[other] { $count } messages on { $platform } were given up after days without a connection.
}
setup-delivery-dropped-todo = → See whether the platform can be reached: `studyhall doctor`.
setup-refused-blocked = { $count ->
    [one] 1 message was refused on { $platform }: the recipient has blocked me.
   *[other] { $count } messages were refused on { $platform }: the recipients have blocked me.
}
setup-refused-blocked-todo = → Nothing: who writes to me again is answered again.
setup-refused-closed = { $count ->
    [one] 1 message was refused on { $platform }: the recipient takes no direct messages.
   *[other] { $count } messages were refused on { $platform }: the recipients take no direct messages.
}
setup-refused-closed-todo = → Tell members that personal answers come to commands in the server, or to who allows direct messages.
setup-refused-never-opened = { $count ->
    [one] 1 message was refused on { $platform }: the recipient never opened a chat with me.
   *[other] { $count } messages were refused on { $platform }: the recipients never opened a chat with me.
}
setup-refused-never-opened-todo = → Ask members to open a chat with me and press Start.
setup-refused-gone = { $count ->
    [one] 1 message was refused on { $platform }: the { $whom ->
        [room] room
       *[person] account
    } is not there any more.
   *[other] { $count } messages were refused on { $platform }: the { $whom ->
        [room] rooms
       *[person] accounts
    } are not there any more.
}
setup-refused-gone-todo = { $whom ->
    [room] → Switch off the weekly suggestion of rooms that were deleted (Weekly suggestion).
   *[person] → Nothing: deleted accounts are not written to again.
}
setup-refused-forbidden = { $count ->
    [one] 1 message was refused on { $platform }: I have no right to write there.
   *[other] { $count } messages were refused on { $platform }: I have no right to write there.
}
setup-refused-forbidden-todo = → Give me the right to write, or switch off what goes there.
setup-refused-other = { $count ->
    [one] 1 message was refused on { $platform }.
   *[other] { $count } messages were refused on { $platform }.
}
setup-refused-other-todo = → `studyhall doctor` and the program's log say more.

# Discord
discord-name-server = server
discord-about-server = For moderators: what is left to do, and what may be suggested from
telegram-command-setup = For moderators: what is left to do, and what may be suggested from
help-setup = /setup – for moderators: what is left to do, and which rooms may be suggested from
