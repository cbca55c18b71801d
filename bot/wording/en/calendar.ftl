# Times that people type.
when-understood = { $when }
when-example = For example: “fri 19:30”, “next tuesday 7pm”, “27 Nov 19:30–21:00”, “in 3 days 8pm”.
when-unreadable = I could not read “{ $text }” as a day and a time.
when-no-day = “{ $text }” names no day.
when-no-time = Which time of day? “{ $text }” names none.
when-past = That has passed: { $when }.
when-too-far = That is too far ahead: { $when }.
when-contradiction = The weekday and the date in “{ $text }” do not belong together.
when-no-such-time = There is no such time of day: “{ $text }”.
when-length = An event lasts between a minute and a week.
when-which-day = Which day do you mean?
when-which-half = In the morning or in the evening?
when-which-midnight = Midnight at the start of that day, or at its end?
when-which-gap = The clocks go forward in that night and never show this time. Which do you want instead?
when-which-fold = The clocks go back in that night and show this time twice. Which of the two?
length-unreadable = I could not read “{ $text }” as a length. For example: “90 min”, “1h30”, “2 hours”.

# A member's own calendar.
calendar-name = { $community } · my events
calendar-heading = 📆 Your calendar
calendar-lead = A calendar of the events that you come to, for the calendar program that you use. It follows every change by itself.
calendar-state-on = You have a calendar address.
calendar-state-off = You have no calendar address yet.
calendar-open-note = The button works for { $minutes } minutes, and only you should use it. The address is secret: it is shown once, on that page, and never in a message.
calendar-no-address = This community cannot be reached from outside, so a calendar program could not fetch anything. Take the file of each event instead: 📆 on its card.
button-calendar-open = 📆 Open my calendar page
calendar-page-new = This is your address. It is shown only now; keep it like a password.
calendar-page-subscribe = Subscribe
calendar-page-how = In Google Calendar: Other calendars → From URL. In Apple Calendar: File → New calendar subscription. In Outlook: Add calendar → Subscribe from web.
calendar-page-exists = You have a calendar address since { $day }. It cannot be shown again; a new one ends the old one.
calendar-page-make = Make my address
calendar-page-renew = Make a new address
calendar-page-end = Switch it off
calendar-page-maybe = Also events that I may come to
calendar-page-alarm = Remind me in my calendar
calendar-alarm-0 = Not at all
calendar-alarm-15 = 15 minutes before
calendar-alarm-60 = An hour before
calendar-alarm-1440 = A day before
calendar-page-save = Save
calendar-page-saved = Saved.
calendar-page-ended = Switched off: the address opens nothing any more.
calendar-page-expired = This link has expired. Ask the bot for /calendar again.
help-calendar = /calendar – your events in the calendar program that you use
telegram-command-calendar = Your events in the calendar program that you use
web-command-calendar = your events in your own calendar program
discord-name-calendar = calendar
discord-about-calendar = Your events in the calendar program that you use

# What the community could meet about.
idea-heading = 💡 What you could meet about
idea-none = Nothing yet: an idea needs at least { $count } members who looked for the same thing and found no good answer.
idea-staff-only = Ideas for events are for moderators.
idea-people = { $count ->
    [one] One member looked for it and found no good answer
   *[other] { $count } members looked for it and found no good answer
}
idea-turnout = About { $likely } would come (between { $low } and { $high })
idea-around = { $count } of { $of } are usually around then
idea-host = { $count ->
    [one] { $name } (answered once)
   *[other] { $name } (answered { $count } times)
}
idea-hosts = Could host: { $names }
idea-no-hosts = Nobody who answers about it has switched on being met; ask in the room.
idea-coming = Planned already: “{ $title }”
idea-note = From searches and questions without a good answer in 90 days, without names. Groups of fewer than { $count } members are left out. Two of ten ranges will be wrong.
idea-title = Let’s talk about { $topic }
idea-about = { $count } of you looked for this: { $topic }. We meet to answer it together. Bring your questions.
button-idea = Plan: { $title }

# What came of an event.
recap-heading = 📝 { $title }: what came of it
recap-came = { $came } of { $seats } came.
recap-seats = { $count ->
    [one] One member had a seat.
   *[other] { $count } members had a seat.
}
recap-questions = What was asked
recap-links = Links from the chat
recap-related = To go on with
recap-draft-note = Only you see this draft. Post it where the event was announced, or change it first. What is deleted in the chat leaves it too.
recap-form = Recap
recap-field-words = Your words at the beginning
recap-field-keep = What stays in it
recap-posted = Posted in { $rooms }.
recap-posted-already = It is posted already.
recap-nowhere = The event was announced in no room, so there is none to post in.
recap-again = Noted: when enough members want it, the moderators hear of it.
recap-not-again = Noted.
button-recap-post = Post recap
button-recap-edit = Edit
button-again = 🔁 Again, please
button-not-again = Not for me
telegram-command-ideas = What members could meet about: how many would come, when, who could host
discord-name-ideas = ideas
discord-about-ideas = What members could meet about: how many would come, when, who could host

# A month of events on the web.
month-link = Events
month-steps = Months
month-today = Today
month-zone = Times are in your time zone, { $zone }.
month-subscribe = Take them into your own calendar
month-nothing = No events this month.
month-going = ✅ You are going
month-maybe = 🤔 Maybe
month-full = Full
month-cancelled = Cancelled
