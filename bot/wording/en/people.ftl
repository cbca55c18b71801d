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
