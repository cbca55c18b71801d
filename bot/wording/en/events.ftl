# Events that the community holds itself.
event-title = 📅 { $title }
event-cancelled = ❌ Cancelled
event-over = This event is over.
event-unconfirmed = ❔ Not confirmed yet by its host
event-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
event-hours = { $count } h
event-minutes = { $count } min
event-came = { $count } of { $seats } came
event-had-seats = { $count ->
    [one] One had a seat
   *[other] { $count } had a seat
}
event-going-of = { $count }/{ $capacity } going
event-going = { $count } going
event-offered = { $count } asked
event-waiting = { $count } waiting
event-maybe = { $count } maybe
event-courses = 🎓 Good before:
event-for = For: { $who }
event-for-everyone = everyone
event-for-staff = moderators
event-for-topic = people learning { $topic }
event-for-level = people at { $level } level
event-no-place = no place named
event-platform-web = Web
event-platform-telegram = Telegram
event-platform-discord = Discord

event-you-going = ✅ You are going
event-you-maybe = 🤔 You said maybe
event-you-cant = You said that you can't come
event-you-waiting = ⏳ You are #{ $position } on the waitlist
event-you-offered = 🎟 A seat is held for you
event-you-checked-in = ✅ You are checked in
event-you-no-show = We missed you. If something came up, one tap says so.
event-you-excused = You were excused. See you next time.
event-you-wait = ⏳ Waiting
event-offer-until = A seat is yours until { $until }.

event-button-go = ✅ Going
event-button-queue = Join waitlist (#{ $position })
event-button-maybe = 🤔 Maybe
event-button-cant = ❌ Can't
event-button-calendar = 📆 Calendar
event-button-remind = 🔔 Remind me
event-button-manage = ⚙️ Manage
event-button-take = ✅ Take it
event-button-pass = Pass
event-button-unqueue = Leave the waitlist
event-button-leave = Leave
event-button-stay = Stay
event-button-missed = I could not come
event-button-excuse = Something came up

event-leave-question = { $count ->
    [one] One person is waiting for a seat at “{ $title }”. Really leave?
   *[other] { $count } people are waiting for a seat at “{ $title }”. Really leave?
}
event-letter-open = A seat is free. Whoever waits and taps first has it.
event-letter-lapsed = The seat we held for you has gone to the next in line. Tap Going on the event to queue again.
event-letter-promoted = There are more seats: you are going.
event-letter-remind = Starts in { $left }.
event-letter-where = Where: { $place }
event-letter-moved = The time has changed. It was to be { $before }.
event-letter-length = It takes { $length } now.
event-letter-elsewhere = New place: { $place }
event-letter-cancelled = This event is cancelled.
event-letter-reason = Reason: { $reason }
event-letter-words = { $host } writes: { $words }
event-letter-held-back = This event was to be published by now, and was not. It is a draft again.
event-letter-card-lost = The card of this event in { $room } is gone or cannot be reached. I do not try there again; everywhere else it goes on.
event-room-remind = A reminder, because I could not write to you: “{ $title }”,

event-notice-going = You are going: { $when }. I remind you before it starts.
event-notice-going-soon = You are going: { $when }.
event-notice-queued = All seats are taken. You are #{ $position } on the waitlist; I write to you when a seat is yours.
event-notice-offered = A seat is yours until { $until }: tap Take it, or Going.
event-notice-open = A seat is free: whoever waits and taps first has it.
event-notice-lapsed = That offer has ended, and the seat went to the next in line.
event-notice-maybe = Noted: maybe.
event-notice-cant = Noted: you can't come.
event-notice-leave = { $count ->
    [one] One person is waiting for this seat. Tap once more to leave.
   *[other] { $count } people are waiting for this seat. Tap once more to leave.
}
event-notice-checked-in = You are checked in. Have a good time!
event-notice-missed = You are marked as absent.
event-notice-excused = Thank you for telling. You are excused.
event-notice-gone = Noted: you are off the list.
event-notice-already = That is noted already.
event-notice-full = All seats are taken, and there is no waitlist.
event-notice-closed = Registration is closed.
event-notice-over = This event is over.
event-notice-cancelled = This event is cancelled.
event-notice-not-asked = There is nothing to answer here any more.
event-notice-early = Check-in opens an hour before the start.
event-notice-not-for-you = This event is for: { $who }.
event-notice-not-yours = Only the host and moderators can do this.
event-notice-no-reminders = This event has no reminders.
event-notice-always = You are reminded { $when } before events, also in your quiet hours. Tap again to sleep through.
event-notice-quiet = You are reminded { $when } before, but not in your quiet hours.
event-notice-remind = Noted: maybe, and I remind you { $when } before.
event-notice-no-reminder = No reminder while you are at maybe.
event-notice-remind-when-in = I remind you as soon as you have a seat.

event-list-heading = 📅 Coming events
event-list-none = Nothing is planned at the moment.
event-list-more = and { $count } more
event-mine-heading = 📅 Your events
event-mine-missed = Where we missed you
event-mine-none = You have not answered any coming event. /events lists them.
event-full = full
event-state-draft = 📝 draft
event-state-scheduled = 🕓 to be published
event-unknown = I know no coming event “{ $words }”, or several of that name. /events lists them.
event-usage = Say which: “/event 3”, or a part of its title. /events lists them.
event-checkin-usage = Type the code that the host shows, such as “/checkin K7QX”.
event-checkin-unknown = { $code } is no code of an event that is on now. Ask the host for it.

event-staff-only = Only moderators plan events here.
event-form-title = New event
event-form-edit = Edit the event
event-form-guests = Seats and guests
event-form-next = Preview
event-form-save = Save
event-field-title = Title
event-field-when = When
event-hint-when = In your zone, { $timezone }: “fri 19:30”, “下周三晚上八点”, “2027-01-08 19:30”
event-field-length = How long
event-hint-length = “90 min”, “1h30”, “2 小时”
event-field-place = Where
event-hint-place = A room such as #stage, a link, or an address
event-field-about = What it is about
event-field-seats = Seats
event-hint-seats = A number; empty: as many as come
event-field-queue = Waitlist
event-queue-12h = Yes: a free seat is held up to 12 hours
event-queue-2h = Yes: a free seat is held up to 2 hours
event-queue-30m = Yes: a free seat is held up to 30 minutes
event-queue-off = No waitlist
event-field-who = Who may come
event-field-reminders = Reminders
event-hint-reminders = “1 day, 15 min”; empty: none
event-field-rooms = Announce in
event-later-title = When to post it
event-later-field = Post it
event-later-hint = “tomorrow 9:00”
event-later-submit = Schedule
event-write-title = Message to the guests
event-write-field = Message
event-write-hint = Everybody who is going gets it in person
event-write-submit = Send
event-cancel-title = Cancel the event
event-cancel-field = Why?
event-cancel-hint = Everybody on the list is told. Empty: no reason is given
event-cancel-submit = Cancel the event

event-wrong-length = A length such as “90 min”, “1h30” or “2 小时”, at most 7 days.
event-wrong-reminders = Up to { $number } times before the start such as “1 day, 15 min”, each at most 30 days.
event-wrong-seats = A whole number up to { NUMBER($number) }; 0 or nothing means as many as come.
event-wrong-title = A title needs letters or digits: people must be able to find it.
event-wrong-title-long = At most { $number } characters: longer titles are cut on some platforms.
event-wrong-place = At most { $number } characters.
event-wrong-link = A link has no spaces.
event-wrong-when = { $why } Write it such as “fri 19:30”, “下周三晚上八点” or “2027-01-08 19:30”.
event-which = { $which } Choose one, or write it: { $times }
event-wrong-later = Choose a time between now and the start of the event.

event-flaw-past = That time has passed. Choose one in the future.
event-flaw-too-far = That is more than two years ahead. Is the year right?
event-flaw-late-reminders = A reminder would have to be sent before now. Choose shorter ones.
event-flaw-zone = Your time zone is unknown here. Set it in /profile.

event-manage-draft = 📝 Draft #{ $number } – only you see this
event-manage-scheduled = 🕓 #{ $number } – is published by itself: { $when }
event-manage-published = 📣 #{ $number } – published
event-manage-cancelled = ❌ #{ $number } – cancelled
event-manage-over = #{ $number } – over
event-manage-publish = Publish
event-manage-later = Schedule the post
event-manage-edit = Edit
event-manage-guests = Seats and guests
event-manage-courses = Courses
event-courses-heading = 🎓 Courses for “{ $title }”
event-courses-none = I know no course that is near to this event. A longer description may help.
event-courses-note = Tap those that are good before the event: its card names them.
event-manage-discard = Discard
event-manage-list = Guest list
event-manage-code = Check-in code
event-manage-close = Close registration
event-manage-reopen = Reopen registration
event-manage-write = Write to guests
event-manage-cancel = Cancel event
event-preview-time = In your time zone: { $when }
event-announced = Announced in { $rooms }.
event-announced-nowhere = Announced in no room: people find it in /events and in their suggestions.
event-discarded = The draft is gone.
event-code = Show this at the event. Guests type “/checkin { $code }” from one hour before the start.
event-notice-published = { $count ->
    [0] Published.
    [one] Published. Its card goes to one room.
   *[other] Published. Its card goes to { $count } rooms.
}
event-notice-published-already = It is published already.
event-notice-now-closed = Registration is closed.
event-notice-now-open = Registration is open again.
event-notice-written = { $count ->
    [0] Nobody is going yet, so nobody was written to.
    [one] Sent to one guest.
   *[other] Sent to { $count } guests.
}
event-guests-none = Nobody has answered yet.
event-guests-going = Going: { $count }
event-guests-maybe = Maybe: { $count }
event-guests-cant = Can't: { $count }
event-guests-waiting = Waiting: { $count }
event-guests-offered = Asked whether they take a seat: { $count }
event-guests-checked-in = Checked in: { $count }
event-guests-no-show = Did not come: { $count }
event-guests-excused = Excused: { $count }

help-events = /events – what is coming
help-myevents = /myevents – your events, and where you stand
help-event = /event NUMBER or title – one event, with its buttons
help-checkin = /checkin CODE – say that you are there
help-newevent = For moderators: /newevent (plan an event: preview, publish, guests)
state-waiting = ⏳ You are on the waitlist
state-offered = 🎟 A seat is held for you
event-calendar = “{ $title }” for your calendar:
event-calendar-file = 📆 Calendar file

discord-name-event = event
discord-about-event = Events of this community
discord-name-list = list
discord-about-list = What is coming
discord-name-mine = mine
discord-about-mine = Your events, and where you stand
discord-name-open = open
discord-about-open = One event, with its buttons
discord-name-checkin = checkin
discord-about-checkin = Say that you are there, with the code from the screen
discord-name-create = create
discord-about-create = Plan an event (moderators)
discord-option-event = event
discord-option-about-event = Its number or a part of its title
discord-option-code = code
discord-option-about-code = Four letters that the host shows
discord-option-title = title
discord-option-about-title = What it is called
telegram-command-events = What is coming
telegram-command-myevents = Your events, and where you stand
telegram-command-checkin = Say that you are there, with the code from the screen
telegram-command-newevent = Plan an event

event-repeats-title = Repeats
event-repeats-field = How often
event-repeats-none = Once
event-repeats-weekly = Every week
event-repeats-biweekly = Every two weeks
event-repeats-monthly = Every month, on the same weekday of the month
event-repeats-ends = Until
event-repeats-hint = A day such as 2027-06-30, or how many times; empty: until you stop it
event-arranged-repeats = 🔁 { $how }
event-arranged-until = 🔁 { $how }, until { $day }
event-arranged-times = 🔁 { $how }, { $count ->
    [one] once
   *[other] { $count } times
}
event-arranged-queue = Waitlist: a free seat is held up to { $hold }
event-arranged-reminders = 🔔 { $before } before
event-arranged-silent = No reminders
event-wrong-ends = A day such as 2027-06-30 after the start, or a number up to { $number }.
event-series-ask = Is this one still on? Until you say so it is shown as not confirmed.
event-series-paused = Two in a row went by without a word from you, so no new ones are planned.
event-manage-repeat = Repeats
event-manage-on = Yes, it is on
event-manage-skip = Skip this one
event-manage-resume = Go on with the series
event-manage-stop = Plan no more of these
event-notice-on = Confirmed: it is on.
event-notice-resumed = The series goes on.
event-notice-stopped = No more are planned. What is announced stays until you cancel it.
