### 一个人，多个平台上的账号。

account-line = { $name }（{ $platform }）

link-heading = 🔗 一个人，多个账号
link-code = 你的关联码：
link-code-how = 到你另一个账号所在的平台，私下发给我：/link { $code }
link-code-note = 只能用一次，{ $minutes } 分钟内有效。单凭它什么也不会合并：我会先问两边的账号。不要给任何人；诚实的人不会向你要它。
link-in-private = 关联只在没有旁人能看到的地方进行。请在这里发送 /link。在别人能看到的地方发出的关联码已作废。
link-too-often = 暂时次数够多了，请一小时后再试。
link-unknown = 这个关联码无效。关联码只能用一次，十分钟内有效：请在另一个账号那里用 /link 重新生成。
link-own-code = 这是你在这里生成的关联码，请到另一个账号那里使用。
link-already = 这两个账号已经是同一个人了。
link-sample = 这位成员属于示例社区，不能关联。请用你自己的账号进来。
link-same-platform = 两边在同一个平台上都有账号，而一个人在每个平台只有一个账号。请先用 /unlink 取消其中一个。

link-ask = { $platform } 上的 { $name } 想和这里的你成为同一个人。
link-moves-history = 两边收藏、报名、评分、说过和回应过的合在一起算：推荐会参考全部。
link-moves-rooms = 一个账号在私密房间里能读到的，另一个也可以问我。
link-moves-profile-kept = 你的资料保留；你没填的部分取自 { $platform }。
link-moves-profile = 以 { $platform } 上的资料为准；那边没填的取自你这里。
link-moves-consent = 只有两边都打开的开关才保持打开，可在 /profile 修改。
link-moves-letter = 周报只发一份，只发到一个地方。
link-moves-role = 一个账号的管理权限对两边都有效。
link-ask-note = 那个账号是你的吗？如果是别人把码发给你，或让你发来的，请按“不是”。/unlink 可以再拆开。
button-link-yes = 是我
button-link-no = 不是
link-half = 谢谢。请再到 { $platform } 确认；在那之前什么都不会合并。
link-refused = 什么都没有合并，关联码已用掉。
link-refused-there = 另一个账号拒绝了，什么都没有合并。
link-over = 这个问题已经结束：已被回答，或时间过久。它没有合并任何东西。请用 /link 重新开始。
link-done = ✅ 你的账号现在是同一个人了。
link-done-note = 一切合在一起算。开关和账号见 /profile；/unlink 可以再拆开。
notice-link-joined = 这些账号已经是同一个人了。/unlink 可以拆开。

unlink-heading = 🔗 你的账号
unlink-nothing = 没有其他账号与这个账号关联。用 /link 开始。
unlink-note = 取消关联会把当初带来的一切还给那个账号。
unlink-ask = 取消关联 { $account }？
unlink-back = 它会拿回当初带来的一切：资料、历史、房间和周报。
unlink-since = 之后由它说的、做的也一起带走；其余留在这里。
unlink-switches = 之后你关掉的开关，两边都保持关闭。
unlink-kept = 一切保持不变。
unlink-done = 账号又是两个人了，各自拥有当初带来的一切。
button-unlink = 取消关联 { $account }
button-unlink-yes = 是，取消关联
button-unlink-no = 不
profile-accounts = 账号：{ $accounts }
web-me-connect = 关联其他账号…
profile-unlink = 取消关联…
help-link = /link – 在 Telegram、Discord 和网页上成为同一个人；/unlink 可以拆开

telegram-command-link = 把你的其他账号关联为同一个人
telegram-command-unlink = 查看账号，取消关联
web-command-link = 把你在别处的账号关联为同一个人
discord-name-link = 关联
discord-about-link = 把你在别处的账号关联为同一个人
discord-name-unlink = 取消关联
discord-about-unlink = 查看账号，取消关联
discord-option-linkcode = 关联码
discord-option-about-linkcode = 另一个账号给你的关联码；不填则得到一个在那里用的码
