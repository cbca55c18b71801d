# 机器人说的话。
answered-privately = 我已在私信里回复你。
button-more = 更多 ▸
button-refresh = 🔄 换一批
button-saved = 🔖 已收藏
button-going = ✅ 参加
button-tell-me = 🔔 希望这里有
button-solved = 👍 解决了
button-not-it = 👎 不是这个
button-skip = 跳过，先看热门
button-continue = 继续 ▸
button-no-thanks = 不用了
show-course = 课程
show-post = 讨论
show-event = 活动
language-en = English
language-zh = 中文
chip-without = 不要 { $word }
chip-hours = ≤ { $hours } 小时
chip-price = ≤ { $price }
chip-free = 免费
fact-hours = { $hours } 小时
fact-free = 免费
fact-stars = ★ { $stars }（{ $ratings } 人评分）
fact-solved = ✓ 已解决
fact-replies = { $count ->
    [0] 还没有人回答
   *[other] { $count } 条回复
}
fact-host = 主持：{ $name }
fact-seats = 还剩 { $count } 个名额
state-enrolled = ✅ 你已报名
state-going = ✅ 你会参加
state-saved = 🔖 已收藏
state-hidden = 已从推荐中移除
hide-easy = 太简单
hide-hard = 太难
hide-have = 已经有了
hide-topic = 主题不对
hide-price = 太贵
hide-author = 不看这位作者

start-heading = 👋 你好，很高兴见到你
foryou-heading = ⭐ 为你推荐
learn-heading = 🔎 { $words }
learn-anything = 全部
saved-heading = 🔖 我的收藏
list-empty = 这里还没有内容。试试 /learn 加一个主题，例如“/learn rust”。
learn-nothing = 没有找到合适的。可以去掉下面的筛选条件，或换个说法；你想找的内容我已记下。
learn-usage = 告诉我你想学什么，例如“/learn 异步 rust，5小时以内，中文”。
foryou-newcomer = 我对你还不太了解，先看看这里热门的和新出的内容，各方面都有一点。你每按一次，我就多懂一点。
footer-used = 依据：你在这里按过的按钮，以及{ $used }。可用 /profile 修改。
consent-nothing = 没有其他信息
consent-messages = 你的消息
consent-reactions = 你的表情回应
consent-enrolments = 你的报名记录
consent-matching = 学习伙伴匹配

notice-enrolled = 已记下你的报名，10 分钟内可以撤销。
notice-already = 你已经这样做过了。
notice-saved = 已收藏，用 /saved 可以再看。
notice-unsaved = 已取消收藏。
notice-hidden = { $count ->
    [0] 已移除。
   *[other] 已移除，并降低了 { $count } 个相似内容。
}
notice-undone = 已撤销。
notice-too-late = 撤销的 10 分钟已过，没有做任何改动。
notice-thanks = 谢谢，已记下。
notice-not-yours = 这个按钮属于别人。输入 /foryou 看你自己的推荐。
notice-gone = 这个按钮太旧或已失效。输入 /foryou 获取新列表。
notice-item-gone = 该内容已不可用。
notice-noted-demand = 已记下。管理员可以看到大家想找却没有找到的内容。
notice-not-kept = 没有保存：你在 /profile 中关闭了{ $what }。

ask-usage = 问我任何编程问题，例如“/ask 为什么 spawn 需要 'static？”。
ask-heading = ❓ { $words }
ask-lead = 我在这里找到的最相关的 { $count } 段：
ask-nothing = 我在这里没有找到答案。
ask-nearest = 最接近的内容：
ask-confidence = 把握：{ $level }（{ $value }）
ask-confidence-good = 较大
ask-confidence-fair = 一般
ask-confidence-low = 较小
ask-source = { $author }，{ $day }，#{ $room }

why-heading = ❓ 为什么推荐“{ $title }”？
why-score = 得分 { $score } =
why-not-used = 没有使用：{ $what }。
why-all-used = 你打开的信息都用上了。
why-less = 少用：{ $source }
why-more = 重新使用：{ $source }
why-surprises-off = 不要惊喜
why-surprises-on = 恢复惊喜
why-saved = 这是你自己收藏的。
why-gone = 那个得分的明细已经不在了。
notice-less = 好的，今后不再考虑“{ $source }”。
notice-more = 好的，重新考虑“{ $source }”。
notice-surprises-off = 列表里不再出现惊喜内容。
notice-surprises-on = 每五个位置里又会有一个给你惊喜。

source-semantic = 与你所选内容的相近程度
source-collaborative = 相似学习者的选择
source-mapped = 与相似学习者所选内容的相近程度
source-popular = 热门程度
source-among = 与你主题和水平相同的人的选择
source-fresh = 新鲜程度
source-social = 与你交流的人
source-lively = 正在热烈进行的讨论
source-rooms = 你常发言的房间
source-company = 讨论中的人
source-rhythm = 你加入讨论的习惯
source-upcoming = 即将举行的活动
source-declared = 你填写的主题
source-quality = 评分
source-level = 你的水平
source-hours = 你的时间
source-language = 你的语言
source-path = 你学完的内容
source-uptake = 这类内容在这里被采纳的多少
source-boost = 管理员的提升
source-explore = 惊喜
source-diversity = 多样性

reason-semantic = 与你在这里选过的内容相近
reason-semantic-named = 与你选过的{ $titles }相近
reason-collaborative-rule = 选过你所选内容的 { $of } 人里，有 { $count } 人也选了它，是其他人的 { $times } 倍
reason-collaborative-rule-named = 选过{ $titles }的 { $of } 人里，有 { $count } 人也选了它，是其他人的 { $times } 倍
reason-collaborative-alike = 与你最相似的 { $of } 位学习者里，有 { $count } 位选了它
reason-collaborative = { $count ->
    [0] 与你经历相似的学习者选了它
   *[other] { $count } 位与你经历相似的学习者选了它
}
reason-collaborative-named = { $count ->
    [0] 学过{ $titles }的人也选了它
   *[other] { $count } 位学过{ $titles }的人也选了它
}
reason-mapped = 与经历相似的学习者所选的相近
reason-mapped-noted = 与“{ $note }”相近，而经历与你相似的学习者选了它
reason-mapped-named = 与“{ $note }”相近，而学过{ $titles }的人选了它
reason-popular = { $count ->
    [0] 最近有成员选择
   *[other] 在这里很热门：最近有 { $count } 位成员选择
}
reason-among = 在这里很热门
reason-among-topic = 在这里想学{ $topic }的人中很热门（{ $count } 人）
reason-among-level = { $level ->
    [beginner] 在这里的初学者中很热门（{ $count } 人）
    [intermediate] 在这里有些经验的人中很热门（{ $count } 人）
   *[advanced] 在这里的熟练者中很热门（{ $count } 人）
}
reason-among-level-topic = { $level ->
    [beginner] 在这里的{ $topic }初学者中很热门（{ $count } 人）
    [intermediate] 在这里学{ $topic }且有些经验的人中很热门（{ $count } 人）
   *[advanced] 在这里的{ $topic }熟练者中很热门（{ $count } 人）
}
reason-fresh = 新出现的内容
reason-social = { $count ->
    [0] 与你交流过的人参与其中
   *[other] { $count } 位与你交流过的人参与其中
}
reason-lively = { $count ->
    [0] 正在讨论中
   *[other] 正在讨论中：最近有 { $count } 条消息
}
reason-lively-against = 目前不如其他讨论热闹
reason-rooms = { $count ->
    [0] 在成员常常加入的房间里
   *[other] 在你发过 { $count } 条消息的房间里
}
reason-rooms-against = { $count ->
    [0] 在你没有发过言的房间里
   *[other] 在你较少发言的房间里
}
reason-company = { $count ->
    [0] 其中的参与者使它更适合你
   *[other] 有 { $count } 位与你一起讨论过的人参与
}
reason-company-against = { $count ->
    [0] 参与者中没有与你一起讨论过的人
   *[other] 你很少与其中的参与者交流
}
reason-rhythm = 讨论正处在你常常加入的阶段
reason-rhythm-against = 讨论不在你通常加入的阶段
reason-upcoming = 即将举行
reason-declared = 符合你想学的内容
reason-declared-noted = 符合你想学的：{ $note }
reason-quality = 评分高
reason-quality-against = 评分偏低
reason-quality-solved = 这个问题已经有了答案
reason-level = 适合你的水平
reason-level-against = 与你的水平不太相符
reason-level-history = 与你选过的内容难度相当
reason-level-history-against = 与你选过的内容难度不同
reason-hours = 适合你每周的时间
reason-hours-against = 对你每周的时间来说偏长
reason-language = 是你的语言
reason-language-against = 是另一种语言
reason-path = 接在你学完的内容之后
reason-path-named = 接在你学完的{ $titles }之后
reason-path-missing = 它的基础你只学完了一部分
reason-path-missing-named = 还需要先学{ $titles }，而你还没有学完
reason-path-missing-against = 你可能还缺少它的基础
reason-path-missing-against-named = 需要先学{ $titles }，而你还没有学完
reason-uptake = 这类内容在这里更常被采纳
reason-uptake-against = 这类内容在这里较少被采纳
reason-pinned = 📌 管理员置顶
reason-pinned-noted = 📌 管理员置顶：{ $note }
reason-boost = 管理员提升了它
reason-boost-noted = 管理员提升了它：{ $note }
reason-boost-against = 管理员降低了它
reason-boost-against-noted = 管理员降低了它：{ $note }
reason-explore = 惊喜：每五个位置有一个尝试新内容 🎲
reason-balance = 放在这里，是为了让列表不全是同一类内容
reason-catalogue = 本社区提供的内容，目前还看不出适合与否
reason-over = 尚未举行
reason-over-against = 已经结束
reason-diversity = 为了多样性
reason-diversity-against = 与列表中另一项相似
reason-diversity-against-named = 与列表中的{ $titles }相似
reason-repeat = 最近没有给你看过
reason-repeat-against = 之前给你看过
reason-dismissed = 与你移除的内容不同
reason-dismissed-against = 与你移除的内容相似
reason-dismissed-against-named = 与你移除的{ $titles }相似
reason-other = { $source }
reason-dense = 意思相近
reason-lexical = 包含你输入的词

help-heading = 我能做什么
help-learn = /learn 词语 – 找课程、讨论和活动；我看得懂“免费”“3小时以内”“中文”“零基础”
help-foryou = /foryou – 现在为你推荐什么，以及为什么
help-ask = /ask 问题 – 从这里的讨论中找出最好的段落，附链接
help-saved = /saved – 你收藏的内容
help-profile = /profile – 你告诉我的、我可以使用的信息、语言
help-digest = /digest – 你的周报：时间、长度、停止
help-start = /start – 告诉我你想学什么（四个小步骤，都可跳过）
help-suggest = 管理员：/suggest 周五 9点（房间每周的“值得一读的讨论”）、/wanted（大家想找却没找到的内容）、/personas（成员分组）、/path proposals（什么先学什么后学）、/report 作者（学员对课程的反馈）、/room 名称（建新房间）、/rec（置顶、屏蔽或提升推荐内容）
help-note = 中文命令也可以：/开始 /学 /推荐 /问 /收藏 /资料 /周报 /帮助。所有按钮以后都可以再按：重启后依然有效。
unknown-command = 我不认识 /{ $name }。
unknown-hint = 输入 /help 看看我能做什么。
failed = 我这边出了点问题，已经记录下来。请稍后再试。

onboard-welcome = 我在“{ $community }”里帮你找课程、答案和活动。我只读取你打开的信息。
onboard-heading-topics = 你想学什么？（可多选）
onboard-heading-level = 你现在的水平？
onboard-heading-goal = 目标是什么？每周有多少时间？
onboard-heading-consent = 我可以使用哪些信息？
onboard-heading-digest = 要不要每周一封信？
onboard-step = 第 { $step } 步，共 { $total } 步
onboard-digest-lead = 每周一次，在你选的时间：挑几样适合你的，每样都说明理由，一按就停。我猜你的时区是：{ $timezone }。
onboard-digest-yes = 📬 好，{ $weekday } { $hour }
level-new = 刚入门
level-some = 有些经验
level-expert = 比较熟练
goal-job = 找工作
goal-build = 做出作品
goal-interview = 通过面试
goal-current = 跟上技术
hours-2 = 每周 ≤ 2 小时
hours-4 = 每周 2–5 小时
hours-8 = 每周 5 小时以上
consent-line-enrolments = 报名记录 – 推荐会跟着你报名和学完的课程走
consent-line-reactions = 表情回应 – 你的点赞算作对讨论的兴趣
consent-line-messages = 消息 – 你参与的讨论算作兴趣；你的文字绝不会用于训练
consent-line-matching = 匹配 – 你和其他打开此项的成员会在 /people 里互相看到，包括你们的主题、共同的课程和通常在线的时间

profile-heading = 🧭 你的资料
profile-topics = 主题：{ $topics }
profile-level = 水平：{ $level }
profile-goal = 目标：{ $goal }
profile-hours = 每周时间（小时）：{ $hours }
profile-language = 语言：{ $language }
profile-timezone = 时区：{ $timezone }
profile-none = 未填写
profile-counts = { $count ->
    [0] 我还不知道你做过什么。
   *[other] 我知道你做过的 { $count } 件事。
}
profile-switches = 我可以使用的信息（点按切换）：
profile-muted = 不再考虑：{ $sources }
profile-edit = ✏️ 修改回答
profile-language-switch = English
notice-switched-on = 已打开：{ $what }。
notice-switched-off = 已关闭：{ $what }。今后不再保存或使用。


channel-heading = 📌 本周值得一读的讨论
channel-lead = 来自“{ $community }”的公开房间，依据成员们的参与挑选。
channel-note = 因为管理员为本房间打开了此功能，每周发布一次。没有使用任何个人信息。管理员可用 /suggest 暂停两周、/suggest off 停止。

weekday-0 = 周一
weekday-1 = 周二
weekday-2 = 周三
weekday-3 = 周四
weekday-4 = 周五
weekday-5 = 周六
weekday-6 = 周日
switch-messages = 消息
switch-reactions = 表情回应
switch-enrolments = 报名记录
switch-matching = 匹配
profile-unmute = 全部重新使用

suggest-staff-only = 只有管理员可以决定房间的每周推荐。
suggest-public-only = 每周推荐只用于公开房间：请在相应的房间里输入。
suggest-on = #{ $room } 每{ $weekday } { $time }（{ $timezone }）会收到“值得一读的讨论”。输入 /suggest off 可停止。
suggest-off = #{ $room } 不再收到每周推荐。
quote-deleted = 这里显示过的一条消息已被其作者删除。
reason-kind = 课程和活动优先
learn-weak = 没有找到很合适的，最接近的是：

suggest-state-on = #{ $room } 每{ $weekday } { $time }（{ $timezone }）会收到“值得一读的讨论”。修改：/suggest 周五 9点；暂停：/suggest 暂停到12月3日；恢复：/suggest 恢复；停止：/suggest off。
suggest-state-off = #{ $room } 没有每周推荐。打开：/suggest 周一 9点。
suggest-unclear = 我看不懂“{ $words }”。请写日期和时间，例如 /suggest 周五 9点，或 /suggest off。
wanted-heading = 🔎 最近 30 天想找却没找到的内容
wanted-line = { $words } – { $count } 次
wanted-nothing = 大家想找的都找到了。
wanted-staff-only = 只有管理员可以看大家想找的内容。
room-made = #{ $name } 已经建好。
room-staff-only = 只有管理员可以建房间。
room-usage = 请写房间名：/room rust-新手（1–40 个字符）。
room-elsewhere = 其他平台的房间在那里建；这里只能建网页社区的房间。

path-usage = 请说出一项技能：/path rust、/path 机器学习。你会得到按顺序排列的课程、可以跳过的部分和每周计划。
path-heading = 🧭 你的学习路径：{ $skill }
path-nothing = 这里还没有教这个的课程。我已记下有人想学。换个说法试试，或用 /learn 搜索全部内容。
path-summary = 共 { $steps } 步，还剩 { $left } 步，约 { $hours } 小时。每周 { $weekly } 小时，需要 { $weeks } 周。
path-finished = { $steps } 步全部完成，真棒！用 /foryou 看看接下来学什么。
path-instead = 。也可以：
path-why-core = 这一水平中最符合“{ $skill }”
path-why-topic = 学{ $topics }，这里相关课程有 { $percent }% 涉及
path-why-needed = 学{ $titles }之前需要
path-why-after = 排在{ $titles }之后
path-why-between = ；
path-often = 常先学“{ $title }”（{ $of } 位学员中有 { $count } 位）
path-described = 课程介绍提示先学“{ $title }”
path-skip-level = 第 { $steps } 步低于你的水平，可以跳过。
path-skip-rest = 跳过后还剩 { $hours } 小时。对跳过的部分按“我会”，即视为完成。
path-skip-built-on = 第 { $steps } 步可以跳过：你已学完建立在它之上的课程。
path-plan-heading = 每周 { $hours } 小时的计划
path-week = 第 { $first } 周：{ $title }（{ $hours } 小时）
path-weeks = 第 { $first }–{ $last } 周：{ $title }（{ $hours } 小时）
path-pace-assumed = 你还没告诉我每周能学几小时，我按 { $hours } 小时算。可在 /profile 修改。
path-hours-guessed = 标“约”的课程没有写明时长，我按这里的常见时长估计。
path-circle = 这些课程互为前提，形成了环：{ $circle }。我去掉了“{ $before }”先于“{ $after }”。管理员可以修正。
path-hints = “常先学”是其他学员的做法或介绍里的提示，并不强制。
path-done = 已完成
path-known = 你已会
path-hours-left = { $hours } 小时
path-hours-about = 约 { $hours } 小时
path-enrol = ✅ 报名第 { $step } 步
path-know = 我会 { $step }
notice-known = 记下了：你已经会了，后续课程视为具备基础。
notice-unknown = 已撤回：这一步重新打开。
proposals-heading = 什么先学，什么后学？
proposals-none = 没有待定的建议。新的建议会随每晚的训练产生。
proposals-lead = 有 { $count } 条建议待定，最有把握的在前：
proposals-note = 确认后对所有人的路径和推荐生效；拒绝后不再询问。两者都会写入审计日志。
proposals-confirm = ✅ { $number }
proposals-refuse = ❌ { $number }
proposals-staff-only = 只有管理员可以决定。
notice-proposal-confirmed = 已确认：从现在起生效。
notice-proposal-refused = 已拒绝：不会再问。
proposal-line = { $number }. “{ $before }”先于“{ $after }”：{ $why }
proposal-sequence = { $of } 位学员中有 { $count } 位先学了它
proposal-named = 介绍中要求先学它（“{ $note }”）
proposal-asked = 介绍中要求具备 { $note }
proposal-level = 主题相同、低一级、内容相近
help-path = /path 技能 – 按顺序排列的课程、可跳过的部分和每周计划

model-refused = 新训练的模型 { $version } 没有发布：{ $reason }。原来的模型继续使用。
model-held = 新训练的模型 { $version } 没有发布，请先检查：{ $reason }。原来的模型继续使用。
model-published = 新训练的模型 { $version } 已发布，但请注意：{ $reason }。
model-what-to-do = 用 “studyhall models” 查看所有模型及其指标，用 “studyhall models use 版本” 启用其中一个。
model-why-worse = 在两个模型都没见过的行为上更差（nDCG@10 { $new }，原来 { $old }）
model-why-unpopular = 还不如直接推荐热门内容（nDCG@10 { $new }，热门 { $popular }）
model-why-far = 推荐列表变化很大（重合度 { $overlap }）

help-rate = /rate 课程 1-5 – 给学过的课程打分，以最后一次为准
rate-usage = 请说明课程和 1 到 5 分：/rate rust-book 4。专家可以附上理由：/rate rust-book 4 清晰，但第十章较陡。
rate-unknown = 没有叫“{ $name }”的课程。用 /learn 查找，写标题即可。
rate-which = 是哪一门？{ $titles }。请写完整标题。
rate-mark = 已记为专家评分：“{ $title }”{ $stars } 分（满分 5）。之后的评分会取代它。
rate-rating = 谢谢：“{ $title }”{ $stars } 分（满分 5）。之后的评分会取代它。
rate-same = 你已经给过“{ $title }”{ $stars } 分。
report-staff-only = 只有管理员可以查看作者报告。
report-usage = 请说明作者：/report 名称，或 /report 全部。这里有：{ $authors }
report-heading = 📊 { $author }
report-all = 全部作者
report-people = 报名：{ $enrolled }。完成：{ $finished }。
report-few = 少于 { $least } 人
report-stops = 中途停下：{ $bands }
report-stop = { $band }：{ $count }
report-band-0 = 前四分之一
report-band-1 = 第二个四分之一
report-band-2 = 第三个四分之一
report-band-3 = 最后四分之一
report-fit = “太难”：{ $hard }。“太简单”：{ $easy }。
report-stars = 评分：{ $mean }（{ $low }–{ $high }，满分 5），共 { $ratings } 人。
report-experts = 专家：{ $mean } 分（满分 5），{ $marks } 个评分。
report-note = 一位专家：“{ $note }”
report-quality = 质量：{ $value }（{ $low }–{ $high }）；0.5 表示这里的一般水平。
report-todo = 建议：{ $what }
report-do-too_hard = 很多人觉得太难：说明需要的基础，或在前面加一个更容易的开头。
report-do-too_easy = 很多人觉得太简单：说明适合谁，或允许跳过开头。
report-do-early = 停下的人大多停在前四分之一：看看最初几课。
report-do-middle = 很多人停在同一处：看看那里的课。
report-do-low = 评分低于这里的一般水平：问问学完的人缺了什么。
report-do-unknown = 人数太少，还不能下结论。
report-do-fine = 没有特别之处。
report-more = 还有 { $count } 门：`studyhall report author` 可列出全部。
report-footer = 少于 { $least } 人的分组不显示，也不显示姓名。
