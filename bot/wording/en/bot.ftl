# What the bot says.
answered-privately = I have answered you in your direct messages.
button-more = More ▸
button-refresh = 🔄 New list
button-saved = 🔖 Saved
button-going = ✅ Going
button-tell-me = 🔔 I would like this here
button-solved = 👍 Solved it
button-not-it = 👎 Not it
button-skip = Skip – show me what's popular
button-continue = Continue ▸
button-no-thanks = No thanks
show-course = Courses
show-post = Discussions
show-event = Events
language-en = English
language-zh = 中文
chip-without = no { $word }
chip-hours = ≤ { $hours } h
chip-price = ≤ { $price }
chip-free = free
fact-hours = { $hours } h
fact-free = free
fact-stars = ★ { $stars } ({ $ratings } ratings)
fact-solved = ✓ solved
fact-replies = { $count ->
    [0] no answers yet
    [one] 1 reply
   *[other] { $count } replies
}
fact-host = with { $name }
fact-seats = { $count ->
    [one] 1 seat left
   *[other] { $count } seats left
}
state-enrolled = ✅ You enrolled
state-going = ✅ You are going
state-saved = 🔖 Saved
state-hidden = Removed from your suggestions
hide-easy = Too easy
hide-hard = Too hard
hide-have = Have it already
hide-topic = Wrong topic
hide-price = Too expensive
hide-author = Not this author

start-heading = 👋 Hi – good to see you
foryou-heading = ⭐ For you
learn-heading = 🔎 { $words }
learn-anything = Everything
saved-heading = 🔖 Saved
list-empty = Nothing here yet. Try /learn with a topic, such as “/learn rust”.
learn-nothing = I found nothing that fits. Remove a filter below or try other words; I have noted what you were looking for.
learn-usage = Tell me what you want to learn, such as “/learn async rust, under 5 hours, in Chinese”.
foryou-newcomer = I know little about you yet, so this is what is popular and new here, from several corners. Every press teaches me.
footer-used = Ranked from what you pressed here, and: { $used }. Change it with /profile.
consent-nothing = nothing else
consent-messages = your messages
consent-reactions = your reactions
consent-enrolments = your enrolments
consent-matching = study partner matching

notice-enrolled = Noted that you enrolled. Undo within 10 minutes.
notice-already = You had done that already.
notice-saved = Saved. /saved shows it again.
notice-unsaved = No longer saved.
notice-hidden = { $count ->
    [0] Removed.
    [one] Removed. One similar item is lowered.
   *[other] Removed. { $count } similar items are lowered.
}
notice-undone = Undone.
notice-too-late = The 10 minutes for that undo are over. Nothing was changed.
notice-thanks = Thank you, noted.
notice-not-yours = This button belongs to somebody else. Type /foryou for your own.
notice-gone = This button is too old or no longer there. Type /foryou for a new list.
notice-item-gone = That is no longer available.
notice-noted-demand = Noted. Moderators see what people look for and do not find.
notice-not-kept = Nothing was kept: in /profile you switched off { $what }.

ask-usage = Ask me anything about programming, such as “/ask why does spawn need 'static?”.
ask-heading = ❓ { $words }
ask-lead = { $count ->
    [one] The best passage I found here:
   *[other] The best { $count } passages I found here:
}
ask-nothing = I couldn't find this here.
ask-nearest = The nearest I have:
ask-confidence = Confidence: { $level } ({ $value })
ask-confidence-good = good
ask-confidence-fair = fair
ask-confidence-low = low
ask-source = { $author }, { $day }, #{ $room }

why-heading = ❓ Why “{ $title }”?
why-score = Score { $score } =
why-not-used = Not used: { $what }.
why-all-used = Everything that you switched on was used.
why-less = use less: { $source }
why-more = use again: { $source }
why-surprises-off = no surprises
why-surprises-on = surprises again
why-saved = You kept this for later yourself.
why-gone = I no longer have the parts of that score.
notice-less = Noted: { $source } counts for nothing from now on.
notice-more = Noted: { $source } counts again.
notice-surprises-off = No more surprises in your lists.
notice-surprises-on = One place in five may surprise you again.

source-semantic = closeness to what you chose
source-collaborative = what others like you chose
source-mapped = what others like you chose, through what it is like
source-popular = popularity
source-among = what people with your topics and level chose
source-fresh = newness
source-social = people you talk with
source-lively = discussions that are lively now
source-rooms = the rooms you write in
source-company = the people in a discussion
source-rhythm = how you usually join discussions
source-upcoming = coming events
source-declared = the topics you named
source-quality = ratings
source-level = your level
source-hours = your hours
source-language = your language
source-path = what you finished
source-uptake = how often its kind is taken up
source-boost = what the moderators lift
source-explore = surprise
source-diversity = variety

reason-semantic = Close to what you chose here
reason-semantic-named = Close to { $titles }, which you chose
reason-collaborative-rule = { $count } of the { $of } people who took something you took chose this too, { $times } times as often as others
reason-collaborative-rule-named = { $count } of the { $of } people who took { $titles } chose this too, { $times } times as often as others
reason-collaborative-alike = { $count } of the { $of } learners most like you took it
reason-collaborative = { $count ->
    [0] Learners with a history like yours took it
   *[other] { $count } learners with a history like yours took it
}
reason-collaborative-named = { $count ->
    [0] Taken by learners who took { $titles }
   *[other] Taken by { $count } learners who took { $titles }
}
reason-mapped = Like what learners with a history like yours took
reason-mapped-noted = Like “{ $note }”, which learners with a history like yours took
reason-mapped-named = Like “{ $note }”, which is taken by learners who took { $titles }
reason-popular = { $count ->
    [0] Chosen here lately
   *[other] Popular here: { $count } members chose it lately
}
reason-among = Popular here
reason-among-topic = Popular among people here who want to learn { $topic } ({ $count } people)
reason-among-level = { $level ->
    [beginner] Popular among beginners here ({ $count } people)
    [intermediate] Popular among people here with some experience ({ $count } people)
   *[advanced] Popular among advanced learners here ({ $count } people)
}
reason-among-level-topic = { $level ->
    [beginner] Popular among beginners in { $topic } here ({ $count } people)
    [intermediate] Popular among people here with some experience who want to learn { $topic } ({ $count } people)
   *[advanced] Popular among advanced learners of { $topic } here ({ $count } people)
}
reason-fresh = New here
reason-social = { $count ->
    [0] People you talk with take part
    [one] Somebody you talk with takes part
   *[other] { $count } people you talk with take part
}
reason-lively = { $count ->
    [0] Going on now
    [one] Going on now: one message lately
   *[other] Going on now: { $count } messages lately
}
reason-lively-against = Quieter than other discussions now
reason-rooms = { $count ->
    [0] In a room that members often join
    [one] In a room you wrote in
   *[other] In a room you wrote in { $count } times
}
reason-rooms-against = { $count ->
    [0] In a room you never wrote in
   *[other] In a room you write in less than in others
}
reason-company = { $count ->
    [0] Those who take part speak for it
    [one] Somebody you met in discussions takes part
   *[other] { $count } people you met in discussions take part
}
reason-company-against = { $count ->
    [0] Nobody you met in discussions takes part
   *[other] You seldom talk with those who take part
}
reason-rhythm = At a point where you often join discussions
reason-rhythm-against = Not at a point where you usually join discussions
reason-upcoming = Coming up soon
reason-declared = Fits what you want to learn
reason-declared-noted = Fits what you want to learn: { $note }
reason-quality = Well rated
reason-quality-against = Rated low
reason-quality-solved = A question that found its answer
reason-level = Fits your level
reason-level-against = Not your level
reason-level-history = On the level of what you chose
reason-level-history-against = Not on the level of what you chose
reason-hours = Fits your hours a week
reason-hours-against = Long for your hours a week
reason-language = In your language
reason-language-against = In another language
reason-path = Next after what you finished
reason-path-named = Next after { $titles }, which you finished
reason-path-missing = You have finished only a part of what it builds on
reason-path-missing-named = Builds also on { $titles }, which you have not finished
reason-path-missing-against = You may lack what it builds on
reason-path-missing-against-named = Builds on { $titles }, which you have not finished
reason-uptake = What is of this kind is taken up more often here
reason-uptake-against = What is of this kind is taken up less often here
reason-pinned = 📌 Pinned by the moderators
reason-pinned-noted = 📌 Pinned by the moderators: { $note }
reason-boost = Lifted by the moderators
reason-boost-noted = Lifted by the moderators: { $note }
reason-boost-against = Lowered by the moderators
reason-boost-against-noted = Lowered by the moderators: { $note }
reason-explore = A surprise: one place in five tries something new 🎲
reason-balance = Put here so that the list is not all of one kind
reason-catalogue = Part of what this community offers; nothing speaks for or against it yet
reason-over = It has not taken place yet
reason-over-against = It is already over
reason-diversity = For variety
reason-diversity-against = Similar to another item of this list
reason-diversity-against-named = Similar to { $titles } in this list
reason-repeat = Not shown lately
reason-repeat-against = Shown to you before
reason-dismissed = Unlike what you removed
reason-dismissed-against = Similar to what you removed
reason-dismissed-against-named = Similar to { $titles }, which you removed
reason-other = { $source }
reason-dense = Close in meaning
reason-lexical = Has your words

help-heading = What I can do
help-learn = /learn words – courses, discussions and events about something; I understand “free”, “under 3 hours”, “in Chinese”, “for beginners”
help-foryou = /foryou – what I would suggest to you now, and why
help-ask = /ask question – the best passages from discussions here, with links
help-saved = /saved – what you kept for later
help-profile = /profile – what you told me, what I may use, your language
help-digest = /digest – your weekly letter: when, how long, stop
help-start = /start – tell me what you want to learn (four short steps, all optional)
help-suggest = For moderators: /suggest fri 9:00 (the weekly “discussions worth reading” of a room), /wanted (what people looked for and did not find), /personas (groups of members), /path proposals (what comes before what), /report AUTHOR (what people make of the courses), /room NAME (a new room), /rec (pin, ban or boost what is suggested)
help-note = You can press every button again later: they survive restarts.
unknown-command = I don't know /{ $name }.
unknown-hint = Type /help to see what I can do.
failed = Something went wrong on my side, and I have kept a note of it. Please try again in a moment.

onboard-welcome = I find courses, answers and events in { $community }. I read only what you switch on.
onboard-heading-topics = What do you want to learn? (tap any)
onboard-heading-level = How far are you?
onboard-heading-goal = What for, and how much time?
onboard-heading-consent = What may I use?
onboard-heading-digest = A weekly letter?
onboard-step = Step { $step } of { $total }
onboard-digest-lead = Once a week, at your hour: a few things picked for you, each with its reason. Stop with one tap. I guessed your time zone: { $timezone }.
onboard-digest-yes = 📬 Yes, { $weekday } { $hour }
level-new = New to it
level-some = Some practice
level-expert = Comfortable
goal-job = Get a job
goal-build = Build something
goal-interview = Pass interviews
goal-current = Stay current
hours-2 = ≤ 2 h/week
hours-4 = 2–5 h/week
hours-8 = 5+ h/week
consent-line-enrolments = Enrolments – suggestions follow what you take and finish
consent-line-reactions = Reactions – a like counts as interest in a discussion
consent-line-messages = Messages – discussions you take part in count as interest; your text is never used to train anything
consent-line-matching = Matching – you and others who switched this on are shown to each other in /people, with your topics, the courses you share and your usual hours

profile-heading = 🧭 Your profile
profile-topics = Topics: { $topics }
profile-level = Level: { $level }
profile-goal = Goal: { $goal }
profile-hours = Hours a week: { $hours }
profile-language = Language: { $language }
profile-timezone = Time zone: { $timezone }
profile-none = not said
profile-counts = { $count ->
    [0] I know nothing of what you did yet.
    [one] I know one thing you did.
   *[other] I know { $count } things you did.
}
profile-switches = What I may use (tap to switch):
profile-muted = Counts for nothing: { $sources }
profile-edit = ✏️ Change answers
profile-language-switch = 中文
notice-switched-on = Switched on: { $what }.
notice-switched-off = Switched off: { $what }. It is no longer stored or used.


channel-heading = 📌 Discussions worth reading this week
channel-lead = From the public rooms of { $community }, picked by what members here took up.
channel-note = Posted once a week because a moderator switched it on for this room. Nothing personal was used. Moderators: /suggest pause 2 weeks, /suggest off.

weekday-0 = Monday
weekday-1 = Tuesday
weekday-2 = Wednesday
weekday-3 = Thursday
weekday-4 = Friday
weekday-5 = Saturday
weekday-6 = Sunday
switch-messages = Messages
switch-reactions = Reactions
switch-enrolments = Enrolments
switch-matching = Matching
profile-unmute = Use everything again

suggest-staff-only = Only moderators decide about the weekly suggestion of a room.
suggest-public-only = The weekly suggestion is for public rooms: type this in the room it is about.
suggest-on = #{ $room } gets "discussions worth reading" every { $weekday } at { $time } ({ $timezone }). /suggest off ends it.
suggest-off = #{ $room } no longer gets a weekly suggestion.
quote-deleted = Somebody deleted a message that was shown here.
reason-kind = A course or event comes first
learn-weak = I found nothing that fits well. The nearest:

suggest-state-on = #{ $room } gets "discussions worth reading" every { $weekday } at { $time } ({ $timezone }). Change: /suggest fri 9:00, pause: /suggest pause until 3 dec, go on: /suggest resume, end: /suggest off.
suggest-state-off = #{ $room } gets no weekly suggestion. Switch it on: /suggest mon 9:00.
suggest-unclear = I don't understand "{ $words }". Write a day and an hour, such as /suggest fri 9:00, or /suggest off.
wanted-heading = 🔎 Looked for and not found, last 30 days
wanted-line = { $words } – { $count ->
    [one] once
   *[other] { $count } times
}
wanted-nothing = Everything that was looked for was found.
wanted-staff-only = Only moderators see what people looked for.
room-made = #{ $name } is there now.
room-staff-only = Only moderators make rooms.
room-usage = Name the room: /room rust-beginners (1–40 characters).
room-elsewhere = Rooms of other platforms are made there; this makes rooms of the web community.

path-usage = Name a skill: /path rust, /path machine learning. You get courses in order, what you can skip, and a weekly plan.
path-heading = 🧭 Your path: { $skill }
path-nothing = No course here teaches that yet. I have noted that somebody wants it. Try other words, or /learn to search everything.
path-summary = { $steps ->
    [one] One step
   *[other] { $steps } steps
}, { $left } still to do: about { $hours } h. At { $weekly } h a week that is { $weeks ->
    [one] one week.
   *[other] { $weeks } weeks.
}
path-finished = All { $steps } steps are done. Well done! Try /foryou for what could come next.
path-instead = { ". Instead:" }
path-why-core = fits “{ $skill }” best at this level
path-why-topic = for { $topics }, a part of { $percent } % of what is here on it
path-why-needed = needed before { $titles }
path-why-after = after { $titles }
path-why-between = { "; " }
path-often = often taken before it: “{ $title }” ({ $count } of { $of } learners)
path-described = its description suggests “{ $title }” first
path-skip-level = You may skip { $steps }: below your level.
path-skip-rest = Then { $hours } h are left. Press “I know” on what you skip, and it counts as done.
path-skip-built-on = You may skip { $steps }: you have finished what builds on them.
path-plan-heading = Plan at { $hours } h a week
path-week = Week { $first }: { $title } ({ $hours } h)
path-weeks = Weeks { $first }–{ $last }: { $title } ({ $hours } h)
path-pace-assumed = You have not told me your hours a week, so I took { $hours }. Change it in /profile.
path-hours-guessed = “About” marks courses that do not say how long they take; I took what is usual here.
path-circle = These ask for each other in a circle: { $circle }. I left out that “{ $before }” comes before “{ $after }”. Moderators can mend it.
path-hints = “Often taken before” is what other learners did or what a description hints at. It binds nobody.
path-done = done
path-known = you know it
path-hours-left = { $hours } h
path-hours-about = about { $hours } h
path-enrol = ✅ Enrol in { $step }
path-know = I know { $step }
notice-known = Noted: you know it. It counts as done for what builds on it.
notice-unknown = Taken back: it is open again.
proposals-heading = What comes before what?
proposals-none = Nothing waits for a decision. New proposals come with the nightly training.
proposals-lead = { $count ->
    [one] One proposal waits.
   *[other] { $count } proposals wait. The surest first:
}
proposals-note = Confirmed ones bind paths and suggestions for everybody; refused ones are not asked again. Both are written into the audit log.
proposals-confirm = ✅ { $number }
proposals-refuse = ❌ { $number }
proposals-staff-only = Only moderators decide on this.
notice-proposal-confirmed = Confirmed: it binds from now on.
notice-proposal-refused = Refused: it will not be asked again.
proposal-line = { $number }. “{ $before }” before “{ $after }”: { $why }
proposal-sequence = { $count } of { $of } learners took it first
proposal-named = its description asks for it (“{ $note }”)
proposal-asked = its description asks for { $note }
proposal-level = same topics, one level lower, close in meaning
help-path = /path skill – courses in order, with what you can skip and a weekly plan

model-refused = The newly trained model { $version } was not published: { $reason }. The former one stays in use.
model-held = The newly trained model { $version } was not published, somebody should look first: { $reason }. The former one stays in use.
model-published = The newly trained model { $version } was published, with a warning: { $reason }.
model-what-to-do = "studyhall models" lists the models with their figures, "studyhall models use VERSION" puts one into use.
model-why-worse = on actions that neither had seen it is worse (nDCG@10 { $new } against { $old })
model-why-unpopular = it is worse than suggesting what is popular (nDCG@10 { $new } against { $popular })
model-why-far = its lists differ a lot (overlap { $overlap })

help-rate = /rate course 1-5 – rate a course you took; your last word counts
rate-usage = Say which course and 1 to 5: /rate rust-book 4. Experts may add why: /rate rust-book 4 clear, but chapter 10 is steep.
rate-unknown = I know no course called “{ $name }”. /learn finds it; its title is enough.
rate-which = Which one? { $titles }. Say the whole title.
rate-mark = Kept as an expert's mark: { $stars } of 5 for “{ $title }”. A later one replaces it.
rate-rating = Thank you: { $stars } of 5 for “{ $title }”. A later rating replaces it.
rate-same = That is your mark already: { $stars } of 5 for “{ $title }”.
report-staff-only = Only moderators see reports on authors.
report-usage = Say which author: /report NAME, or /report all. Here: { $authors }
report-heading = 📊 { $author }
report-all = All authors
report-people = Enrolled: { $enrolled }. Finished: { $finished }.
report-few = fewer than { $least }
report-stops = Stopped { $bands }
report-stop = { $band }: { $count }
report-band-0 = in the first quarter
report-band-1 = in the second quarter
report-band-2 = in the third quarter
report-band-3 = in the last quarter
report-fit = “Too hard”: { $hard }. “Too easy”: { $easy }.
report-stars = Rating: { $mean } of 5 ({ $low }–{ $high }), from { $ratings } people.
report-experts = Experts: { $mean } of 5 ({ $marks ->
    [one] one mark
   *[other] { $marks } marks
}).
report-note = An expert: “{ $note }”
report-quality = Quality: { $value } ({ $low }–{ $high }); 0.5 is what is usual here.
report-todo = What to do: { $what }
report-do-too_hard = Many find it too hard: say what it builds on, or put an easier start in front.
report-do-too_easy = Many find it too easy: say for whom it is, or offer to skip the start.
report-do-early = Most who stop do so in the first quarter: look at the first lessons.
report-do-middle = Many stop at the same place: look at the lessons there.
report-do-low = Rated below what is usual here: ask a few who finished what is missing.
report-do-unknown = Too few people to say anything yet.
report-do-fine = Nothing stands out.
report-more = { $count } more: `studyhall report author` lists all.
report-footer = Groups of fewer than { $least } people are hidden, and no names are shown.
