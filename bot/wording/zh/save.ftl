save-usage = 用 /save 回复一条消息，我就把它所在的讨论收藏起来。
save-unknown = 这条消息周围没有我知道的讨论。我收藏的是向你开放的提问和讨论，不是问候。
save-done = 已收藏。用 /saved 再看。
save-before = 你之前已经收藏了。
help-save = /save – 回复一条消息时使用：收藏它所在的讨论
telegram-command-save = 回复一条消息时使用：收藏它所在的讨论
