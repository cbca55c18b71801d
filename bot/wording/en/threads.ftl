# A thread for an event: on cards, in the thread, in the preview, to the host.
event-thread-link = Questions, links, who comes along: the thread of this event
event-thread-for = This thread belongs to the event: ask before it, share links and notes during it, find each other here.
event-thread-closes = It closes { $hours } hours after the end; what was said stays to be read.
event-thread-cancelled = This thread closes in { $hours } hours.
event-thread-recap = The thread of this event closes:
event-interested = ⭐ { $count } interested on { $platform }, beside those who are going

# Before and after publishing, for the host
event-manage-thread-on = 🧵 Thread: yes
event-manage-thread-off = 🧵 Thread: no
event-manage-thread-again = 🧵 Try a thread again
event-notice-thread-on = A thread is made for it.
event-notice-thread-off = No thread is made. One that is there stays until its time.
event-notice-thread-again = I am trying once more.
event-notice-thread-none = There is nothing to try again yet.
event-thread-off = 🧵 No thread for it.
event-thread-in = 🧵 A thread for it in { $rooms }, closed { $hours } hours after the end.
event-thread-tried = 🧵 A thread for it in { $rooms }, if I may make one there: I have not asked yet.
event-thread-stays = 🧵 In { $room } I cannot close it in the end: I lack { $detail }.
event-thread-not-rights = 🧵 No thread in { $room }: I lack { $detail }.
event-thread-not-inside = 🧵 No thread in { $room }: it is a thread itself.
event-thread-not-never = 🧵 No thread in { $room }: there are none there.
event-thread-nowhere = 🧵 No thread: it is announced in no room.
event-thread-there = 🧵 Its threads:

# To the host, once
event-thread-told-rights = There is no thread for this event in { $room }: I lack { $detail }. Everything else goes on. With that right, Manage can try it again.
event-thread-told-forbidden = I was not allowed to make a thread for this event in { $room }. Everything else goes on. Once I may, Manage can try it again.
event-thread-told-refused = A thread for this event could not be made in { $room }: its room or its card is gone, or has no threads. Everything else goes on.
event-thread-told-doubt = I asked for a thread for this event in { $room } and was cut off before the answer. Please look whether it is there: I do not ask again by myself, so that there are never two. If there is none, Manage can try it again.
event-thread-told-gone = The thread of this event in { $room } is gone. I make no other by myself; what would have been said there is said in the room.
event-thread-told-silent = I cannot write in the thread of this event in { $room }: somebody closed it, or I lack the right to. What would have been said there is said in the room.
event-thread-told-name = The thread of this event in { $room } keeps its old name: I may not change it.
event-thread-told-close = The thread of this event in { $room } stays open: I may not close it.

# Rights, as the platforms call them
right-create-public-threads = Create Public Threads
right-send-messages = Send Messages
right-send-messages-in-threads = Send Messages in Threads
right-manage-threads = Manage Threads
right-can-manage-topics = Manage Topics
right-administrator = administrator rights

# The checklist
setup-threads-good = Events can have threads in every room that has them.
setup-threads-bad = { $count ->
    [one] In 1 room events get no thread, or one that stays open:
   *[other] In { $count } rooms events get no threads, or threads that stay open:
} I lack { $detail }.
setup-threads-todo = → Give these rights if events are to have threads: to make them, to write in them, and to close them in the end. Without them everything else works.

# On the web
web-locked = This thread is closed. What was said can be read here.
