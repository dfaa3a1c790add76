"""What the two sides of the demo's deals write of each other afterwards, in the writer's language, by stars."""

from typing import Final

Verdicts = dict[str, dict[int, tuple[str, ...]]]

OF_CREATOR: Final[Verdicts] = {
    "en": {
        5: (
            "Delivered a day early, and the film does what the brief asked without sounding like one.",
            "Answers within the hour, says what won’t work before it costs anything, and keeps every date.",
            "The draft needed nothing. We have used the stills in three shops since.",
            "Knew {product} better than our own sales people after two weeks.",
            "Clear about what is paid and what isn’t, and the comments were still kind. Second deal already agreed.",
            "We sent {product} late, and the new date was kept all the same.",
            "One question at the start, a very good one, and then simply good work.",
            "The ending was not in our brief and is the best part of it.",
        ),
        4: (
            "Good film. The first draft had our name wrong, corrected within the day.",
            "Careful work and a fair price. Messages on weekends wait until Monday, which is fine.",
            "We had hoped for a little more of {product} in the first minute; the rest is as agreed.",
            "Published in the evening of the last day, but published, and well.",
        ),
        3: (
            "The work is fine. It took three reminders to get there.",
            "As agreed, no more than that. The picture was darker than in the films that we know.",
        ),
        2: ("Days late, and we had to open a dispute before we heard why. What came then was usable.",),
    },
    "zh": {
        5: (
            "提前一天交稿，一次通过，评论区比片子还热闹。",
            "话不多，问的都在点上。{product}用得比我们自己还仔细。",
            "从头到尾没催过一次，日期全对得上。",
            "不好用的地方也讲了，讲得公道，销量反而更好。",
            "样品寄晚了三天，对方还是按原来的日子发了。",
            "画面干净，没有一句念稿，已经约了第二次。",
        ),
        4: (
            "成片很好，第一版漏了价格，当天就补上了。",
            "做事认真，周末不回消息，提前说过，可以理解。",
            "整体满意，开头三十秒略慢。",
        ),
        3: ("按约定完成，催了两次。", "内容没问题，收音差一点。"),
        2: ("拖了好几天，开了争议才有回音，最后的片子还能用。",),
    },
}
OF_BRAND: Final[Verdicts] = {
    "en": {
        5: (
            "They sent what is in the shop, asked for nothing that I wouldn’t say, and paid the moment it was out.",
            "One contact, one list of changes, and it was a short one.",
            "The brief says what they want and leaves the rest alone. More of these.",
            "{product} came with a handwritten note and no script. The draft was approved the same evening.",
            "They let me say what I didn’t like about {product}, and then fixed it.",
            "Terms agreed in two messages. I would work with them every month.",
        ),
        4: (
            "Friendly and clear. The parcel took a week longer than promised.",
            "Fair people. The second round of changes could have been in the first.",
            "Good to work with; accepting the work took them the whole week.",
        ),
        3: ("Many people on their side, and each had another idea. It came out well in the end.",),
        2: ("We disagreed about who was late, and I still think that it wasn’t me. They were civil about it.",),
    },
    "zh": {
        5: (
            "需求写得清楚，不改字，验收很快。",
            "寄来的就是店里卖的，说缺点也不拦着。",
            "对接的人懂拍摄，修改意见一次说完。",
            "款到得准时，最后还写了感谢信，少见。",
        ),
        4: ("人很好，寄样慢了几天。", "沟通顺，验收等满了一周。", "第二轮修改其实可以放在第一轮。"),
        3: ("对接换过两个人，前面说的又说了一遍。",),
        2: ("为谁迟到争了几天，态度还算客气。",),
    },
}
