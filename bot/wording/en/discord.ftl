# Names and descriptions of Discord's commands. Names: lower case, no spaces, at most 32 characters; at most 100 for
# descriptions.

discord-name-learn = learn
discord-about-learn = Courses, discussions and events for you
discord-name-find = find
discord-about-find = Find by words, such as: async Rust, free, under 3 hours
discord-name-foryou = foryou
discord-about-foryou = What is worth your time now, and why
discord-name-path = path
discord-about-path = A skill in order, with a weekly plan
discord-name-saved = saved
discord-about-saved = What you saved
discord-name-ask = ask
discord-about-ask = The best passages of what was said here, with sources
discord-name-profile = profile
discord-about-profile = What I know of you, and your switches
discord-name-show = show
discord-about-show = Your profile and what I may use
discord-name-digest = digest
discord-about-digest = Your weekly letter
discord-name-settings = settings
discord-about-settings = When it comes, how long it is, pause, stop
discord-name-preview = preview
discord-about-preview = See the letter now
discord-name-match = match
discord-about-match = Study partners
discord-name-partners = partners
discord-about-partners = Who looks for somebody to learn with, and why you may fit
discord-name-rate = rate
discord-about-rate = Rate a course that you took
discord-name-setup = setup
discord-about-setup = Get started
discord-name-me = me
discord-about-me = Four short questions, each can be skipped
discord-name-help = help
discord-about-help = What I can do
discord-name-staff = staff
discord-about-staff = For moderators
discord-name-suggest = suggest
discord-about-suggest = Discussions worth reading, posted here once a week
discord-name-wanted = wanted
discord-about-wanted = What members looked for and did not find
discord-name-rec = rec
discord-about-rec = Pin, ban or boost what is suggested
discord-name-report = report
discord-about-report = What learners say of an author's courses

discord-option-query = query
discord-option-about-query = What you look for, in your own words
discord-option-skill = skill
discord-option-about-skill = The skill
discord-option-question = question
discord-option-about-question = Your question
discord-option-course = course
discord-option-about-course = The course
discord-option-stars = stars
discord-option-about-stars = 1 to 5
discord-option-when = when
discord-option-about-when = Such as: fri 18:00, or Asia/Shanghai
discord-option-words = words
discord-option-about-words = What to do; nothing shows how it stands

discord-menu-ask = Ask about this
discord-menu-save = Save

discord-store-unavailable = I cannot take this in just now. Please try again in a minute.
discord-nothing-to-ask = There is no text in this message that I could look for.
