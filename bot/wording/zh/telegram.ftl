### 只在 Telegram 上显示的文字。

telegram-command-start = 告诉我你想学什么
telegram-command-learn = 用关键词找课程和讨论
telegram-command-foryou = 为你推荐，并说明理由
telegram-command-path = 按顺序学一项技能，附每周计划
telegram-command-ask = 搜索社区里已有的答案
telegram-command-saved = 你收藏的内容
telegram-command-rate = 给课程评分
telegram-command-people = 认识学习伙伴
telegram-command-profile = 我了解你什么，以及你的开关
telegram-command-digest = 你的每周精选
telegram-command-settings = 语言、水平、目标和开关
telegram-command-privacy = 保存了你的什么，以及如何修改
telegram-command-help = 我能做什么
telegram-command-suggest = 管理员：本群的每周推荐
telegram-command-wanted = 管理员：大家没找到什么
telegram-command-rec = 管理员：置顶、屏蔽或加权推荐
telegram-command-personas = 管理员：学习者分组与需求
telegram-command-cancel = 放下正在填写的内容
telegram-open-me = 这类回答我会私下发给你，但 Telegram 要求你先打开一次与我的对话。打开后请在那里再问一次。
telegram-open-button = 打开
telegram-inline-type = 输入想学的内容，或打开我
telegram-inline-nothing = 没有找到，可以私下问我
telegram-inline-later = 暂时查不了，请稍后再试
telegram-inline-slower = 输入太快了，请稍等
telegram-inline-more = 查找更多
