# Times that people type.
when-understood = { $when }
when-example = 例如：“周五 19:30”、“下周三晚上八点”、“12月3号下午3点到5点”、“三天后晚上八点”。
when-unreadable = 没看懂“{ $text }”是哪天、几点。
when-no-day = “{ $text }”没有说是哪一天。
when-no-time = 几点开始？“{ $text }”没有说时间。
when-past = 这个时间已经过去了：{ $when }。
when-too-far = 时间太远了：{ $when }。
when-contradiction = “{ $text }”里的星期和日期对不上。
when-no-such-time = 没有这样的时间：“{ $text }”。
when-length = 活动时长应在一分钟到一周之间。
when-which-day = 你指的是哪一天？
when-which-half = 是上午还是晚上？
when-which-midnight = 是当天零点，还是当天结束时的午夜？
when-which-gap = 那天夜里时钟拨快，不会出现这个时间。改为哪一个？
when-which-fold = 那天夜里时钟拨慢，这个时间会出现两次。是哪一次？
length-unreadable = 没看懂“{ $text }”是多长时间。例如：“90 分钟”、“1小时30分”、“两个小时”。
