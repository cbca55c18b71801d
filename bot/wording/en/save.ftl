save-usage = Answer a message with /save, and I keep its discussion for you.
save-unknown = I do not know a discussion around this message. I keep questions and talks that are open to you, not greetings.
save-done = Saved. /saved shows it again.
save-before = You saved it before.
help-save = /save – as the answer to a message: keep its discussion
telegram-command-save = As the answer to a message: keep its discussion
