# 各处共用的词。
app-name = 学习社 Studyhall
button-enrol = ✅ 报名
button-save = 🔖 收藏
button-dismiss = 🙅 不感兴趣
button-why = ❓ 为什么推荐
button-back = ◂ 返回
button-cancel = 取消
button-undo = ↩ 撤销
kind-course = 课程
kind-post = 讨论
kind-event = 活动
kind-member = 成员
level-beginner = 初级
level-intermediate = 中级
level-advanced = 高级
