# 活动的讨论串：卡片、串内、预览、给主持人的话。
event-thread-link = 提问、分享链接、约人同行：本活动的讨论串
event-thread-for = 这个讨论串属于本活动：活动前提问，活动中分享链接和笔记，也可以在这里认识同来的人。
event-thread-closes = 活动结束 { $hours } 小时后关闭；说过的话仍可查看。
event-thread-cancelled = 这个讨论串将在 { $hours } 小时后关闭。
event-thread-recap = 本活动的讨论串关闭时间：
event-interested = ⭐ { $platform } 上另有 { $count } 人感兴趣（不计入参加）

# 发布前后，给主持人
event-manage-thread-on = 🧵 讨论串：有
event-manage-thread-off = 🧵 讨论串：无
event-manage-thread-again = 🧵 再试一次讨论串
event-notice-thread-on = 会为它建讨论串。
event-notice-thread-off = 不建讨论串。已有的会保留到期。
event-notice-thread-again = 正在再试一次。
event-notice-thread-none = 暂时没有可再试的。
event-thread-off = 🧵 不建讨论串。
event-thread-in = 🧵 在 { $rooms } 建讨论串，活动结束 { $hours } 小时后关闭。
event-thread-tried = 🧵 如果允许，会在 { $rooms } 建讨论串：还没有问过平台。
event-thread-stays = 🧵 在 { $room } 到期后我无法关闭它：缺少“{ $detail }”权限。
event-thread-not-rights = 🧵 { $room } 没有讨论串：我缺少“{ $detail }”权限。
event-thread-not-inside = 🧵 { $room } 没有讨论串：它自己就是讨论串。
event-thread-not-never = 🧵 { $room } 没有讨论串：那里没有这个功能。
event-thread-nowhere = 🧵 没有讨论串：活动没有在任何房间发布。
event-thread-there = 🧵 它的讨论串：

# 只对主持人说一次
event-thread-told-rights = “{ $room }”里没有为本活动建讨论串：我缺少“{ $detail }”权限。其他一切照常。给了权限后，可以在“管理”里再试。
event-thread-told-forbidden = 我没有获准在“{ $room }”为本活动建讨论串。其他一切照常。有了权限后，可以在“管理”里再试。
event-thread-told-refused = 无法在“{ $room }”为本活动建讨论串：房间或卡片已不在，或那里没有讨论串。其他一切照常。
event-thread-told-doubt = 我在“{ $room }”请求为本活动建讨论串，还没收到答复就中断了。请看看它在不在：为了不出现两个，我不会自己再请求。如果没有，可以在“管理”里再试。
event-thread-told-gone = 本活动在“{ $room }”的讨论串不在了。我不会自己再建；原本要在那里说的话改在房间里说。
event-thread-told-silent = 我无法在“{ $room }”的活动讨论串里发言：有人关闭了它，或我缺少权限。原本要在那里说的话改在房间里说。
event-thread-told-name = 本活动在“{ $room }”的讨论串仍用旧名：我无权修改。
event-thread-told-close = 本活动在“{ $room }”的讨论串仍然开着：我无权关闭。

# 各平台的权限名称
right-create-public-threads = 创建公开子区
right-send-messages = 发送消息
right-send-messages-in-threads = 在子区内发送消息
right-manage-threads = 管理子区
right-can-manage-topics = 管理话题
right-administrator = 管理员身份

# 检查清单
setup-threads-good = 凡是有讨论串的房间，都能为活动建讨论串。
setup-threads-bad = 有 { $count } 个房间的活动没有讨论串，或讨论串关不掉：我缺少“{ $detail }”权限。
setup-threads-todo = → 想让活动有讨论串，请给这些权限：用来建立、在里面发言、最后关闭。没有它们，其他功能照常。

# 网页
web-locked = 这个讨论串已关闭，说过的话仍可查看。
