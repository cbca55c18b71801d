# People to meet.
people-heading = 🤝 People to meet
people-greeted = 👋 Somebody says hello and would like to learn with you
people-answered = 👋 Hello back! You both want to learn together: meet in the rooms here
people-nobody = There is nobody to suggest yet. Name your topics in /profile, or look again when more members have switched on matching.
people-off = You would see members who want to learn with somebody, and they would see you: your name, your topics, the courses you share and when you are usually here. Nothing of private rooms. Only members who switched this on take part; switch it off again in /profile at any time.
people-switch-on = Switch on matching
people-note = Only members who switched on matching are shown, to each other only. Who is declined is not told.
button-hello = 👋 Say hello
button-not-this-one = Not this one
person-state-hello = 👋 Said hello
person-state-declined = Not suggested again
notice-hello = { $name } now knows that you would like to talk.
notice-declined = Noted. This person is not suggested again and is not told.
notice-person-gone = This person is no longer open to being introduced.
person-shared = Shares your interest in { $topics }
person-teaches = Has finished { $titles }, which you have begun
person-learns = Is working on { $titles }, which you finished
person-answered = { $count ->
    [one] Answered once about { $topics } here
   *[other] Answered { $count } times about { $topics } here
}
person-hours = { $count ->
    [one] Usually here when you are, for about an hour from { $start } your time
   *[other] Usually here when you are, for about { $count } hours from { $start } your time
}
person-hours-zone = { $count ->
    [one] Your evenings have one hour in common
   *[other] Your evenings have { $count } hours in common
}
person-level = About as far as you are
person-level-against = On another level
person-language = Writes in your language
person-language-against = Writes in another language
help-people = /people – members who would like to learn with somebody, and why they may suit you

# Personas, for moderators.
personas-heading = 🧩 Who is here: groups of members with like interests
personas-none = Too few members have told what they want or done anything here: a group has at least { $count }.
personas-few = Some members belong to groups too small to be told of.
personas-quality = How clear the groups are (0–1): silhouette { $silhouette }, the same in parts of the members { $stability }.
personas-note = Only members who allow their enrolments to be used. No group and no number below { $count } people is shown.
personas-working = The groups are being worked out. Ask again in a minute.
personas-staff-only = Only moderators see the groups of members.
persona-name = { $topics } · { $level }
persona-mixed = Mixed interests
persona-size = { $count } members
persona-topics = Set apart by { $topics }
persona-topic = { $topic } ({ $percent } %)
persona-themes = Reads and takes mostly: { $words }
persona-rhythm = About { $number } actions a week each, mostly on: { $kind }
persona-hours = Usually here { $start }–{ $end }, community time
persona-wanted = Looked for and not found: { $words }
persona-courses = Courses that fit: { $titles }
