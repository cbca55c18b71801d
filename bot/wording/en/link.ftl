### One person with accounts on several platforms.

account-line = { $name } ({ $platform })

link-heading = 🔗 One person, several accounts
link-code = Your code:
link-code-how = Send me this where your other account is, in private: /link { $code }
link-code-note = It works once, for { $minutes } minutes, and joins nothing by itself: I ask both accounts first. Give it to nobody; nobody who is honest asks you for it.
link-in-private = Links are made where nobody reads along. Send /link to me here. A code that was posted where others read is void.
link-too-often = That was often enough for now. Please try again in an hour.
link-unknown = This code does not work. Codes work once and for ten minutes: make a new one with /link where your other account is.
link-own-code = This is the code that you made here. Give it where your other account is.
link-already = These two accounts are one person already.
link-sample = This member is part of the sample community and cannot be linked. Come in with an account of your own.
link-same-platform = Both have an account on the same platform, and a person has one account on each. Unlink one first, with /unlink.

link-ask = { $name } on { $platform } wants to be one person with you here.
link-moves-history = What both saved, took, rated, said and reacted to counts together: suggestions rest on all of it.
link-moves-rooms = What one account may read in private rooms, the other may ask me about too.
link-moves-profile-kept = Your profile stays; what you have not told me is taken from { $platform }.
link-moves-profile = The profile on { $platform } counts; what it leaves open is taken from yours.
link-moves-consent = Only switches that are on in both stay on. You can change them in /profile.
link-moves-letter = The weekly letter comes once, to one place.
link-moves-role = Moderator rights of one account count for both.
link-ask-note = Is that account yours? If somebody sent you the code or asked you to send it, press No. /unlink takes it apart again.
button-link-yes = Yes, that's me
button-link-no = No
link-half = Thank you. Now say yes on { $platform } too; nothing is joined before.
link-refused = Nothing was joined, and the code is used up.
link-refused-there = The other account said no. Nothing was joined.
link-over = This question is over: it was answered, or too much time has passed. Nothing was joined by it. Begin anew with /link.
link-done = ✅ Your accounts are one person now.
link-done-note = Everything counts together. See /profile for your switches and accounts; /unlink takes it apart again.
notice-link-joined = These accounts are one person already. /unlink takes it apart.

unlink-heading = 🔗 Your accounts
unlink-nothing = No other account is linked with this one. /link begins.
unlink-note = Unlinking gives an account back everything that came with it.
unlink-ask = Unlink { $account }?
unlink-back = It gets back everything that came with it: its profile, history, rooms and letter.
unlink-since = What was said and done by it since goes along; all else stays here.
unlink-switches = What you have switched off since stays off for both.
unlink-kept = Everything stays as it is.
unlink-done = The accounts are two people again. Each has what came with it.
button-unlink = Unlink { $account }
button-unlink-yes = Yes, unlink
button-unlink-no = No
profile-accounts = Accounts: { $accounts }
web-me-connect = Link another account…
profile-unlink = Unlink…
help-link = /link – be one person here on Telegram, Discord and the web; /unlink takes it apart

telegram-command-link = Be one person here with your other accounts
telegram-command-unlink = Your accounts, and how to part them
web-command-link = Be one person here with your accounts elsewhere
discord-name-link = link
discord-about-link = Be one person here with your accounts elsewhere
discord-name-unlink = unlink
discord-about-unlink = Your accounts, and how to part them
discord-option-linkcode = code
discord-option-about-linkcode = The code from your other account; without one you get a code for there
