### What only Telegram shows.

telegram-command-start = Tell me what you want to learn
telegram-command-learn = Find courses and discussions by words
telegram-command-foryou = Suggestions for you, with reasons
telegram-command-path = Courses in order, with a weekly plan
telegram-command-ask = Search what the community already answered
telegram-command-saved = What you saved
telegram-command-rate = Rate a course
telegram-command-people = People to learn with, and why
telegram-command-profile = What I know about you, and your switches
telegram-command-digest = Your weekly digest
telegram-command-settings = Language, level, goals and switches
telegram-command-privacy = What is kept about you, and how to change it
telegram-command-help = What I can do
telegram-command-suggest = Staff: the weekly suggestion of this room
telegram-command-wanted = Staff: what people looked for in vain
telegram-command-rec = Staff: pin, ban or boost what is suggested
telegram-command-personas = Staff: groups of learners and their needs
telegram-command-cancel = Put aside what I am asking you
telegram-open-me = I answer this in private, and Telegram lets me write to you only after you have opened me once. Then ask again there.
telegram-open-button = Open
telegram-inline-type = Type what you want to learn, or open me
telegram-inline-nothing = Nothing found. Ask me in private
telegram-inline-later = Not now, try again in a moment
telegram-inline-slower = Too fast for me, wait a moment
telegram-inline-more = Find more
