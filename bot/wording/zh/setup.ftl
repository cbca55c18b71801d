# /setup 的检查清单、各个页面，以及各平台的回答。

setup-good = ✅ 正常：{ $text }
setup-bad = ❌ 待办：{ $text }{ $todo }
setup-off = ➖ { $text }
setup-heading = { $community }的设置
setup-asked = { $age }前询问过平台。
setup-asked-long-ago = { $age }前询问过平台，此后一直没有连接。原因见 `studyhall doctor`。
setup-age-minutes = { $count } 分钟
setup-age-hours = { $count } 小时

# 向平台询问的事项
setup-account-good = 令牌有效，我在这里叫 { $detail }。
setup-account-bad = 无法向平台报到：{ $detail }。
setup-account-todo = → 若令牌被拒，请重新设置并重启；若没有应答，请检查网络和设置里的地址。
setup-home-good = 我只在你们的服务器里。
setup-home-bad = 我在 { $detail } 个服务器里，不知道哪一个是你们的，所以一个都不读。
setup-home-todo = → 请把 STUDYHALL_DISCORD_SERVER 设为你们服务器的 id，或把我移出其他服务器。
setup-updates-good = 各类更新都已订阅，包括表情回应。
setup-updates-bad = 有些更新没有订阅：{ $detail }。
setup-updates-todo = → 请停掉使用同一令牌的其他程序，再启动本程序。
setup-webhook-good = 更新能送达我们的地址。
setup-webhook-bad = 更新无法送达：{ $detail }。
setup-webhook-todo = → 请让 STUDYHALL_PUBLIC_URL 能从外部以有效证书访问，或改用轮询。
setup-hears-good = 在{ $subject }里，我能看到所有消息。
setup-hears-bad = 在{ $subject }里，我只能看到命令、提及和对我的回复：隐私模式开着。
setup-hears-todo = → 请在那里把我设为管理员，或用 @BotFather 的 /setprivacy 关闭隐私模式后重新拉我入群。
setup-administrator-good = 在{ $subject }里我是管理员：能收到表情回应和成员进出。
setup-administrator-bad = 在{ $subject }里我不是管理员：收不到表情回应，也无法查询谁是成员。
setup-administrator-todo = → 请把我设为管理员，除此之外不需要任何具体权限。
setup-content-good = 消息内容权限（message content intent）已开启。
setup-content-bad = 消息内容权限（message content intent）没有开启（{ $detail }）：我读不到大家之间的讨论。
setup-content-todo = → 请在开发者后台（Bot，Privileged Gateway Intents）和 STUDYHALL_DISCORD_INTENTS 中都打开它。
setup-members-good = 成员权限（server members intent）已开启。
setup-members-bad = 成员权限（server members intent）没有开启（{ $detail }）：我不知道谁加入、谁离开。
setup-members-todo = → 请在开发者后台（Bot，Privileged Gateway Intents）和 STUDYHALL_DISCORD_INTENTS 中都打开它。
setup-room-good = 在 #{ $subject } 里，我有所需的全部权限。
setup-room-bad = 在 #{ $subject } 里，我缺少权限：{ $detail }。
setup-room-todo = → 请在房间或服务器里把这些权限给我的身份组。与我无关的房间可以不管。
setup-room-more = 还有 { $count } 个房间我缺少权限。
setup-room-all = 在我看得到的 { $count } 个房间里，我有所需的全部权限。

# 归属与管理人员
setup-homes-good = 属于你们的：{ $names }。
setup-homes-bad = 还没有证明哪个群或服务器是你们的，所以它的管理员在这里不是管理人员，其中的内容也不会被推荐。
setup-homes-todo = → 运行 `studyhall setup-code`（或点“管理人员”里的“新的代码”），再在群里写 /setup 代码。
setup-homes-foreign = 我还在 { $count } 个没有证明属于你们的群里：{ $names }。
setup-staff-line = 管理人员：指名的 { $count } 人，以及 { $homes } 个群或服务器的管理员。
setup-staff-heading = 谁是管理人员
setup-staff-lead = 指名的管理人员有 { $count } 人。属于你们的群或服务器的管理员，在任期间也是这里的管理人员：
setup-staff-note = 身份组：/setup role 123456789012345678 让服务器的一个身份组也算，后面加 off 则不再算。
setup-staff-owner-only = 只有所有者能改这里。
setup-home-admins = { $name }（{ $platform }）：它的管理员在这里是管理人员。
setup-home-no-admins = { $name }（{ $platform }）：它的管理员在这里不是管理人员。
setup-home-roles = 也算数的身份组：{ $roles }。
setup-button-admins-on = { $name }的管理员也算
setup-button-admins-off = { $name }的管理员 ✓
setup-button-forget = 不再属于我们
setup-button-code = 新的群代码
setup-code-lead = 请在属于你们的群或服务器里写下这一行。一小时内有效，只能用一次：

# 证明
setup-proved-home = 已证明：这里属于本社区，它的管理员现在是管理人员。可以推荐哪些房间的内容，见 /setup rooms。
setup-proved-owner = 欢迎：你是本社区的所有者。还要做什么，见 /setup。
setup-proved-elsewhere = 代码有效，但不该写在这里：群代码写在群里，所有者代码写在与我的私聊里。
setup-proved-wrong = 这个代码不存在、已用过，或已超过一小时。用 `studyhall setup-code` 可以生成新的。
setup-staff-only = 只有管理人员能设置社区。
setup-owner-only = 谁是管理人员，只有所有者能决定。
setup-not-home = 只有管理人员能设置社区，而这里还没有证明属于本社区。请所有者运行 `studyhall setup-code`，再在这里写 /setup 代码。
setup-usage = 可以写 /setup、/setup rooms、/setup moderators、/setup weekly、/setup language zh、/setup Asia/Shanghai 或 /setup role 123456789012345678。
setup-role-where = 请在该身份组所在的服务器里写这一行。

# 房间
setup-rooms-good = { $all } 个房间中有 { $on } 个的讨论可以被推荐，{ $never } 个被排除。
setup-rooms-bad = { $all } 个房间都还不会被推荐，{ $never } 个被排除。
setup-rooms-todo = → 请点“房间”，打开成员可以搜到的那些。
setup-rooms-heading = 房间
setup-rooms-lead = { $all } 个房间中 { $on } 个已打开，{ $never } 个被排除。
setup-rooms-none = 我还不知道任何房间。请先在房间里说句话。
setup-rooms-foreign = 有 { $count } 个房间属于别人的群，没有列出。
setup-rooms-note = 关闭：讨论会保存但不会被推荐。排除：任何“全部打开”都不会影响它。私密房间的讨论只给其中的成员看；“全部打开”不包括私密房间。
setup-room-on = ✅ 打开：{ $room }（{ $platform }）
setup-room-off = ➖ 关闭：{ $room }（{ $platform }）
setup-room-never = ⛔ 排除：{ $room }（{ $platform }）
setup-room-private = · 私密
setup-button-on = 打开 { $room }
setup-button-off = 关闭 { $room }
setup-button-never = 排除
setup-button-lift = 解除排除 { $room }
setup-button-all-on = 公开的全部打开
setup-button-all-off = 全部关闭
setup-notice-on = 已打开，正在收录以前的讨论。
setup-notice-off = 已关闭，其中的内容不再被推荐。
setup-notice-never = 已排除。
setup-notice-lift = 不再排除；目前仍是关闭的。
setup-notice-same = 本来就是这样。
setup-notice-staff = 已修改，从他们下一步操作起生效。
setup-notice-weekly = 已修改。
setup-notice-again = 正在询问，请过几秒再点一次。

# 语言、时区、每周推荐
setup-language-line = 没有自己选择语言时用：{ $language }。
setup-zone-line = 时区：{ $timezone }。
setup-zone-heading = 时区
setup-zone-lead = 现在是 { $timezone }。要用别的时区请直接写，例如 /setup Asia/Tokyo。
setup-when = { $weekday } { $time }（{ $timezone }）
setup-weekly-line = { $room } 每{ $when }收到“值得一读的讨论”。
setup-weekly-off = 没有房间每周收到“值得一读的讨论”。是否需要由你们决定。
setup-weekly-room-off = { $room }：没有每周推荐。
setup-weekly-heading = 每周一次，值得一读的讨论
setup-weekly-lead = 哪些公开房间会收到，什么时候收到。
setup-button-weekly-on = { $room }：打开
setup-button-weekly-off = { $room }：关闭
setup-button-earlier = − 1 小时
setup-button-later = + 1 小时
setup-button-day = 后一天
setup-button-rooms = 房间
setup-button-weekly = 每周推荐
setup-button-staff = 管理人员
setup-button-language = 语言：{ $language }
setup-button-zone = 时区
setup-button-again = 重新询问平台
setup-button-before = ◂
setup-button-after = ▸
setup-button-back = ↩ 清单

# 没有送达的消息
setup-delivery-good = 最近 30 天没有消息被拒收。
setup-delivery-in-doubt = { $platform } 上有 { $count } 条消息不确定是否送达。
setup-delivery-in-doubt-todo = → 不用处理：不会重发，免得有人收到两次。
setup-delivery-malformed = 有 { $count } 条消息 { $platform } 无法理解。
setup-delivery-malformed-todo = → 请附上程序日志报告：这是我们的错误。
setup-delivery-dropped = { $platform } 上有 { $count } 条消息因为多日没有连接而放弃。
setup-delivery-dropped-todo = → 请检查能否连上平台：`studyhall doctor`。
setup-refused-blocked = { $platform } 上有 { $count } 条消息被拒收：对方屏蔽了我。
setup-refused-blocked-todo = → 不用处理：再来找我的人会再次得到回答。
setup-refused-closed = { $platform } 上有 { $count } 条消息被拒收：对方不接收私信。
setup-refused-closed-todo = → 请告诉成员：在服务器里用命令会得到私人回答，或者允许私信。
setup-refused-never-opened = { $platform } 上有 { $count } 条消息被拒收：对方从未打开与我的私聊。
setup-refused-never-opened-todo = → 请成员打开与我的私聊并点“开始”。
setup-refused-gone = { $platform } 上有 { $count } 条消息被拒收：{ $whom ->
    [room] 房间
   *[person] 账号
}已经不存在。
setup-refused-gone-todo = { $whom ->
    [room] → 请在“每周推荐”里关闭已删除的房间。
   *[person] → 不用处理：不会再给已注销的账号发消息。
}
setup-refused-forbidden = { $platform } 上有 { $count } 条消息被拒收：我没有权限在那里发言。
setup-refused-forbidden-todo = → 请给我发言权限，或关闭发往那里的内容。
setup-refused-other = { $platform } 上有 { $count } 条消息被拒收。
setup-refused-other-todo = → 详情见 `studyhall doctor` 和程序日志。

# Discord
discord-name-server = 服务器
discord-about-server = 管理人员：还有什么要设置，哪些房间可以推荐
telegram-command-setup = 管理人员：还有什么要设置，哪些房间可以推荐
help-setup = /setup – 管理人员：还有什么要设置，哪些房间可以推荐
