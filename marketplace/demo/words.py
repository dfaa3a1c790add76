"""What people in the demo write to each other, in both languages. `{product}` is the company's product."""

from typing import Final

Lines = dict[str, tuple[str, ...]]

APPLY: Final[Lines] = {
    "en": (
        "I would use {product} in a normal week and film what happens. My last three films like this are on my page.",
        "I like that you ask for the washing-up. I can start next Monday and keep the whole weekend free for edits.",
        "My viewers ask about {product} often enough that I already know the first five questions.",
        "I have a quiet place and good light from four in the afternoon. Two weeks is enough for me.",
        "I would rather show one honest problem than a perfect shot. If that suits you, I am in.",
        "I made something close to this last year and still get comments on it. Happy to do it better.",
    ),
    "zh": (
        "我家里正好缺{product}，先用一周再开机，用得不好也会说。",
        "这个题我想了一年了，场景是现成的，不用搭。",
        "评论区问过很多次{product}，前五个问题我都能答。",
        "档期在下周，素材一天拍完，剩下时间留给修改。",
        "我不念稿，但会把你们想说的三点讲清楚。",
        "去年拍过类似的，完播比平时高一截，这次想做得更细。",
    ),
}
INVITE: Final[Lines] = {
    "en": (
        "We watched your last six films and would like {product} to be used the way you use things. No script from us.",
        "Your page is the one our team sends around. Would this brief fit your autumn?",
        "You say what breaks. That is what we need for {product}.",
    ),
    "zh": (
        "看了你最近的几条，觉得{product}放进去不会突兀，不给脚本，想听你怎么讲。",
        "我们团队私下转你的视频很久了，想正式请你一次。",
        "你会说缺点，我们正需要这个。",
    ),
}
BOOK: Final[Lines] = {
    "en": (
        "The package fits as it is. We can send {product} the day after you accept.",
        "Booked with pleasure. Please use it before you decide what to say.",
        "",
    ),
    "zh": ("套餐正合适，你一接受我们就寄{product}。", "先用再拍，时间按你的来。", ""),
}
# A counter-proposal's note: of another price, of other dates.
COUNTER_BRAND: Final[dict[str, tuple[str, str]]] = {
    "en": (
        "We agree to everything but the price. Could we meet here, with usage on our own channels?",
        "Could the draft come two days sooner? Then our translator has the weekend. The price stays.",
    ),
    "zh": ("其他都同意，价格想再商量一下，自有账号可转载。", "初稿能早两天吗？翻译能赶上周末，价格不变。"),
}
COUNTER_CREATOR: Final[dict[str, tuple[str, str]]] = {
    "en": (
        "With the raw footage included it has to be a little more. Everything else stays.",
        "I need two more days for the edit, so I moved the dates. Everything else stays.",
    ),
    "zh": ("含原片的话价格得加一点，其他不变。", "剪辑要多两天，日期往后挪了，其他不变。"),
}
# What is said in between: after which step, and by whom.
TALK: Final[dict[str, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]]] = {
    "en": (
        ("pay", (("creator", "The parcel arrived this morning, undamaged. I start on Saturday."),)),
        ("pay", (("creator", "Could you send the care instructions as a file? I would like to quote them correctly."),
                 ("brand", "Sent. The second page is the one that our workshop uses."))),
        ("pay", (("creator", "It rained all weekend, so I filmed the indoor part first."),
                 ("brand", "No hurry from our side. Better light is worth two days."))),
        ("pay", (("creator", "May I mention that spare parts are sold separately? People will ask."),
                 ("brand", "Yes, say it. It is true."))),
        ("approve", (("creator", "I cut the sentence about the price, it will be out of date by spring."),
                     ("brand", "Thank you, that is better."))),
        ("publish", (("creator", "The comments ask about the size. I pinned the answer."),
                     ("brand", "We sent the table to our own page too, thank you."))),
    ),
    "zh": (
        ("pay", (("creator", "快递早上到了，没磕碰，周六开拍。"),)),
        ("pay", (("creator", "能发一份说明书电子版吗？引用的数字我想核对一下。"), ("brand", "发到附件里了，以第二页的数据为准。"))),
        ("pay", (("creator", "这两天一直下雨，先拍室内的部分。"), ("brand", "不急，光线好比快两天重要。"))),
        ("pay", (("creator", "配件是单卖的，我在片里说一句可以吗？"), ("brand", "可以，照实说。"))),
        ("approve", (("creator", "价格那段我剪掉了，年后会变。"), ("brand", "好，这样更稳。"))),
        ("publish", (("creator", "评论区在问尺寸，我置顶回复了。"), ("brand", "谢谢，我们也同步到官网了。"))),
    ),
}  # fmt: skip
DRAFT: Final[Lines] = {
    "en": (
        "First cut, sound not mixed yet. The scene at 1:40 is the one I am unsure about.",
        "Draft with subtitles. The link opens without an account.",
        "Here it is. Colours are final, the cover is a suggestion.",
    ),
    "zh": (
        "初剪，声音还没混，1 分 40 秒那段想听你们意见。",
        "带字幕的初稿，链接不用登录。",
        "成片色调已定，封面先放一张备选。",
    ),
}
DRAFT_IMAGE: Final[Lines] = {
    "en": ("All pictures in full size, text below. The third is my favourite for the first place.",),
    "zh": ("原图都在，文字在最后，首图建议用第三张。",),
}
DRAFT_LIVE: Final[Lines] = {
    "en": ("The run of the evening with the two places where I mention you, in my words.",),
    "zh": ("直播流程和口播位置都标好了，话是我自己的。",),
}
REVISION_IMAGE: Final[Lines] = {
    "en": ("The size in the text should be 24 cm, and the fifth picture shows last year’s label.",),
    "zh": ("文字里的尺寸应为 24 厘米，第五张是旧包装，请换一张。",),
}
REVISION: Final[Lines] = {
    "en": (
        "The size on screen says 22 cm, it is 24. Everything else can stay as it is.",
        "Please move the sentence about who paid to the beginning; it comes at 2:10 now.",
        "We would like to hear the room a little longer before the music starts.",
    ),
    "zh": (
        "画面上写的尺寸不对，应该是 24 厘米，其他都好。",
        "合作说明放到开头吧，现在在两分十秒才出现。",
        "开头环境声想多留三秒，音乐晚一点进。",
    ),
}
PUBLISHED: Final[Lines] = {
    "en": (
        "Online since this morning, marked as paid in the first line.",
        "Published with the correction pinned on top.",
        "It is up. I answer comments for three days.",
    ),
    "zh": ("今早发布，首行已标注合作。", "已发布，更正置顶了。", "发出来了，评论我盯三天。"),
}
THANKS: Final[Lines] = {
    "en": (
        "Accepted with thanks. Sales asked who made this.",
        "Exactly what we hoped for. We will be back in spring.",
        "Thank you. The calm pace is what our own films never manage.",
    ),
    "zh": ("已签收，谢谢，销售同事来问是谁拍的。", "比我们自己拍的踏实，春天再约。", "谢谢，节奏刚好。"),
}
DECLINE: Final[Lines] = {
    "en": (
        "We filled the places with people who film outdoors. Thank you for the thought you gave it.",
        "My autumn is full, and I would rather say so now.",
        "The dates collide with our stock-taking. Please apply to the next one.",
    ),
    "zh": (
        "名额给了做户外的几位，谢谢你写得这么细。",
        "这个月排满了，先说清楚免得耽误你们。",
        "和我们盘点撞期，下一个需求欢迎再来。",
    ),
}
CANCEL: Final[Lines] = {
    "en": (
        "We can’t agree on the dates, and both of us have tried. No hard feelings.",
        "The product is delayed by a quarter, so there is nothing to film.",
    ),
    "zh": ("日期谈了三轮还是对不上，先不做了。", "产品推迟上市，暂时没有可拍的东西。"),
}
CANCEL_LATE: Final[Lines] = {
    "en": ("The draft is ten days late and we heard nothing for a week. Our campaign has started without it.",),
    "zh": ("初稿晚了十天，一周没有回音，活动已经开始，只能取消。",),
}
RIGHTS: Final[Lines] = {
    "en": ("Own channels of the brand, 6 months", "Own channels and website, 12 months", "No reuse by the brand"),
    "zh": ("品牌自有账号，6 个月", "品牌自有账号与官网，12 个月", "品牌不转载"),
}
DISCLOSURE: Final[dict[str, str]] = {
    "en": "Marked as paid partnership in the first line.",
    "zh": "首行标注“合作”，并打开平台的商业合作标签。",
}

# A dispute: what the side that opens it says, what the other answers, and the ruling's reasons.
_LATE: Final[Lines] = {
    "en": (
        (
            "The film came nine days after the agreed day and the line about the warranty is missing. "
            "The season that we paid for is over."
        ),
        (
            "The parcel reached me a week late, I wrote so on the same day. The line was in the second draft, which "
            "you approved."
        ),
        (
            "The parcel did arrive six days late, which both sides confirm. Three days remain, and the warranty line was "
            "in the approved draft. A quarter of the price goes back for the three days."
        ),
    ),
    "zh": (
        "发布比约定晚了九天，保修那句没有出现，我们付钱买的季节已经过去了。",
        "样品晚到了一周，当天就写过消息。那句话在第二版里，是你们通过的。",
        "样品确实晚到六天，双方都承认，余下三天由创作者承担；保修一句在通过的初稿里。退回四分之一。",
    ),
}
_NOTHING: Final[Lines] = {
    "en": (
        "The draft shows another product than the one in the contract, and a second draft was refused.",
        "I used what I had at home as your parcel was held in customs. I should have said so.",
        "Nothing of what was agreed was made, and the creator says so. The whole payment goes back.",
    ),
    "zh": (
        "初稿里拍的不是合同里的产品，要求重拍也没有答应。",
        "包裹卡在海关，我用了家里别的代替，应该早说。",
        "约定的内容一项都没有做出来，创作者也承认，全额退回。",
    ),
}
_PRIVATE_LINK: Final[Lines] = {
    "en": ("The link leads to a private film, so we can’t see whether it was published.",),
    "zh": ("链接打开是私密视频，没法确认有没有发布。",),
}
_TAKEN_DOWN: Final[Lines] = {
    "en": (
        (
            "The film was taken down after two days, and the contract says that it stays for six months. "
            "We would pay for the work, not for the reach that is missing."
        ),
        (
            "The platform removed it because of the music, not I. I uploaded it again with another track and can show "
            "the notice."
        ),
    ),
    "zh": (
        "视频两天后就下架了，合同写的是保留六个月。制作费我们认，流量部分不该付。",
        "是平台因为配乐下架的，不是我删的。换了音乐重新上传，通知截图在附件里。",
    ),
}
DISPUTES: Final = {"late": _LATE, "nothing": _NOTHING, "link": _PRIVATE_LINK, "open": _TAKEN_DOWN}
REJECTED_READING: Final[dict[str, str]] = {
    "en": "The picture is cut off above the figure, so the name of the channel can’t be read. "
    "Take it again with the whole page.",
    "zh": "截图里看不到账号名称，请把整页截全再交一次。",
}
