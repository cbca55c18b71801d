rec-heading = 🧭 Decided about suggestions
rec-log-heading = 🧭 Who decided what about suggestions
rec-nothing = Nothing has been decided.
rec-usage = /rec pin ITEM why · /rec ban ITEM why · /rec boost ITEM 0.2 why · /rec unpin, unban, unboost ITEM · /rec list · /rec log · /rec digests. ITEM is an id such as course:rust-start or a title in quotes; add “until 2026-12-01”, “in #room” or “in courses” where wanted. Members see the reason of a pin and of a boost.
rec-staff-only = Only moderators decide what is suggested.
rec-no-item = I know no item “{ $item }”. Give its id, such as course:rust-start, or its whole title in quotes.
rec-none-such = Nothing of this kind was decided about { $item }.
rec-refused = A reason has 1 to 300 characters, and a boost is between -0.5 and 0.5.
rec-ended = Taken back: { $item }.
rec-pin-done = 📌 “{ $item }” stands first in lists now: { $reason }
rec-ban-done = “{ $item }” is no longer suggested: { $reason }
rec-boost-done = “{ $item }” is weighed differently now: { $reason }
rec-word-pin = Pinned
rec-word-ban = Banned
rec-word-boost = Boosted
rec-until = before { $day }
digests-heading = Digests in the last { $days } days
digests-people = { $count ->
    [one] 1 member
   *[other] { $count } members
}
digests-getting = Switched on: { $people }; paused now: { $paused }
digests-written = Written to: { $people }; did something with what stood in it: { $acted }
digests-little = Left out because nothing was good enough: { $people }
digests-stops = Stopped: { $people }. Reasons given: { $reasons }
digests-stop = { $why } ({ $people })
digests-stop-many = too many
digests-stop-irrelevant = not relevant
digests-stop-time = wrong time
digests-stop-stopped = none
digests-unreachable = Could not be delivered, so I stopped: { $people }
