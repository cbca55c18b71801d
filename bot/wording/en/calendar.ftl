# Times that people type.
when-understood = { $when }
when-example = For example: “fri 19:30”, “next tuesday 7pm”, “27 Nov 19:30–21:00”, “in 3 days 8pm”.
when-unreadable = I could not read “{ $text }” as a day and a time.
when-no-day = “{ $text }” names no day.
when-no-time = Which time of day? “{ $text }” names none.
when-past = That has passed: { $when }.
when-too-far = That is too far ahead: { $when }.
when-contradiction = The weekday and the date in “{ $text }” do not belong together.
when-no-such-time = There is no such time of day: “{ $text }”.
when-length = An event lasts between a minute and a week.
when-which-day = Which day do you mean?
when-which-half = In the morning or in the evening?
when-which-midnight = Midnight at the start of that day, or at its end?
when-which-gap = The clocks go forward in that night and never show this time. Which do you want instead?
when-which-fold = The clocks go back in that night and show this time twice. Which of the two?
length-unreadable = I could not read “{ $text }” as a length. For example: “90 min”, “1h30”, “2 hours”.
