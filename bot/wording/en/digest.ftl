digest-heading-daily = 📬 Your day in { $community } · { $day }
digest-heading-weekly = 📬 Your week in { $community } · { $day }
digest-heading-biweekly = 📬 Your two weeks in { $community } · { $day }
digest-heading-monthly = 📬 Your month in { $community } · { $day }
digest-heading-off = 📬 Picked for you in { $community } · { $day }
digest-continue = ▶ Continue
digest-saved = 🔖 Kept for later, not opened yet:
digest-foryou = ⭐ For you
digest-help-someone = 💬 Someone you could help
digest-events = 📅 Events
digest-going = ✅ { $when } – { $title } (you are going)
digest-you = 🏅 You
digest-you-solved = { $count ->
    [one] one of your answers was accepted
   *[other] { $count } of your answers were accepted
}
digest-you-answers = { $count ->
    [one] you helped in one discussion
   *[other] you helped in { $count } discussions
}
digest-you-finished = { $count ->
    [one] you finished a course
   *[other] you finished { $count } courses
}
digest-you-courses = { $count ->
    [one] you went on in one course
   *[other] you went on in { $count } courses
}
digest-you-streak = { $weeks } weeks in a row
digest-you-goal = { $hours } of { $goal } h in the last 7 days
digest-progress = stopped at { $percent } %
digest-why = You get this because you switched it on. Change, pause or stop it below, any time.
digest-used = Ranked from: { $used }. { $messages }
digest-messages-on = Messages: on.
digest-messages-off = Messages: off.
digest-preview-note = This is a preview; nothing was counted as sent.
digest-too-little = There is not enough good enough for a digest yet, so none would be sent. Press a few buttons in /foryou first.
digest-like = 👍
digest-dislike = 👎
digest-save = 🔖
digest-why-button = ❓
notice-liked = Noted: more like this.
reason-help = You could know this
reason-help-alike = Like one that you answered
reason-help-alike-named = You answered { $titles }
reason-help-room = From a room in which you helped
reason-help-noted = About a topic of yours: { $note }
reason-event = Coming up
reason-event-noted = Coming up, about { $note }
reason-kept = You kept it for later

digest-settings-heading = 📬 Your digest
digest-on = { $when } · { $timezone } · { $quiet } · { $length } items · { $language }
digest-off = Off. I send nothing unasked.
digest-unreachable = Stopped: my last messages could not be delivered to you. Switch it on again when I may write.
digest-where = Sent to: { $platform }
digest-when-daily = Every day at { $at }
digest-when-weekly = Every { $weekday } at { $at }
digest-when-biweekly = Every other { $weekday } at { $at }
digest-when-monthly = First { $weekday } of the month at { $at }
digest-when-off = Never
digest-quiet = quiet { $start }–{ $end }
digest-quiet-none = no quiet hours
digest-paused = Paused: it comes again from { $weekday }, { $day } on
digest-skip = The next one is skipped
digest-last = Last time: { $note }
digest-note-sent = sent
digest-note-little = skipped: nothing good enough
digest-note-skipped = skipped, as you wished
digest-note-stopped = you stopped it
digest-note-stop-many = you stopped it: too many. Once a month is possible too.
digest-note-stop-irrelevant = you stopped it: not relevant. 👎 and ❓ teach me; topics are in /profile.
digest-note-stop-time = you stopped it: wrong time. Weekday, hour and quiet hours can be chosen.
digest-note-unreachable = could not be delivered twice, so I stopped
digest-turn-on = 📬 Switch on
digest-stop = ⏹ Stop
digest-skip-next = ⏭ Skip next
digest-unskip = Don't skip
digest-pause = ⏸ Pause…
digest-resume = ▶ Resume
digest-preview = 👁 Preview now
digest-settings = ⚙️ Change
digest-privacy = 🔒 What is used
digest-back = ← Back
digest-stop-many = Too many
digest-stop-irrelevant = Not relevant
digest-stop-time = Wrong time
digest-p-when = 🗓 When
digest-p-zone = 🌍 Time zone
digest-p-quiet = 🌙 Quiet hours
digest-p-content = 🧩 Content
digest-p-where = 📱 Where
digest-page-when = { $when } ({ $timezone }). Any half hour: /digest fri 18:30.
digest-page-zone = Your time zone is { $timezone }. Another one: write /digest tz and a city, such as /digest tz Lisbon.
digest-page-quiet = Now: { $quiet }. What falls into them waits for their end.
digest-page-content = How long it is, what is in it, in which language.
digest-page-help = “Help” names a question without an answer that you could know. It is off until you switch it on.
digest-page-where = It goes to one place: { $platform }. You can choose among those where you have an account.
digest-page-pause = For how long? In words: /digest pause until 3 dec, pause till monday, pause 10 days.
digest-f-daily = Daily
digest-f-weekly = Weekly
digest-f-biweekly = Every 2 weeks
digest-f-monthly = Monthly
digest-hour-earlier = − 30 min
digest-hour-later = + 30 min
digest-quiet-no = None
digest-quiet-earlier = Begin − 1 h
digest-quiet-later = Begin + 1 h
digest-wake-earlier = End − 1 h
digest-wake-later = End + 1 h
digest-length = { $length } items
digest-s-continue = Continue
digest-s-help = Help
digest-s-events = Events
digest-s-you = You
digest-language-auto = Auto
digest-pause-weeks = { $weeks ->
    [one] 1 week
   *[other] { $weeks } weeks
}
digest-zone-set = Your time zone is { $timezone } now.
digest-zone-which = “{ $words }” could be more than one place. Which?
digest-unclear = I don't understand “{ $words }”. Write /digest fri 18:30, /digest tz Berlin, /digest quiet 22-7, /digest pause 2 weeks, /digest stop, or use the buttons.
digest-bad-zone = I know no place “{ $words }”. Write a city, such as /digest tz Shanghai, or a name such as Asia/Shanghai.
digest-bad-hour = { $hour } is no hour of the day: 0 to 23, such as 18:30.
digest-bad-minute = Only full and half hours: { $hour }:00 or { $hour }:30.
digest-bad-past = A pause ends in the future: /digest pause 2 weeks. To go on now, press Resume.
digest-bad-long = A pause lasts at most { $days } days. To end it for good, press Stop.
digest-bad-date = “{ $words }” is no day I can read. Write 3 dec, 2027-03-01, monday or 2 weeks.
digest-bad-length = A digest has 3, 5 or 10 items, not { $length }.
digest-bad-language = I write in English or Chinese: /digest language en, zh or auto. “{ $words }” I don't know.
digest-bad-platform = You have no account on “{ $platform }” that I know. Link it first, then choose it here.
digest-travel-heading = 🌍 Are you travelling?
digest-travel = Your app speaks another language to me now. Should your digest follow another clock? I never look where you are.
notice-digest-on = Switched on.
notice-digest-off = Stopped. I send nothing unasked any more.
notice-digest-changed = Changed.
weekday-short-0 = Mon
weekday-short-1 = Tue
weekday-short-2 = Wed
weekday-short-3 = Thu
weekday-short-4 = Fri
weekday-short-5 = Sat
weekday-short-6 = Sun
platform-web = the web community
platform-telegram = Telegram
platform-discord = Discord
channel-events = 📅 Coming up
notice-disliked = Noted: less like this.
