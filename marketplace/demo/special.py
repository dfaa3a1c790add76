"""The deals of the demo's own accounts, and those that are under way today: one in each stage."""

from typing import Final

from marketplace.demo.spec import BRAND, CREATOR, MANAGER, Script
from marketplace.offers.models import AddonKind as A

_FUNDED = ("answer", "counter", "agree", "sign", "sign", "pay")
_DONE = (*_FUNDED, "draft", "approve", "publish", "accept")
_REVISED = (*_FUNDED, "draft", "revise", "draft", "approve", "publish", "accept")
_SILENT = (*_FUNDED, "draft", "approve", "publish")
_REST = ("agree", "sign", "sign")
_SUPPER, _PICTURES = "One-pot supper film", "Picture post from the kitchen"


def _booked(
    brand: str, offer: str, package: int, *steps: str, start: int | None = None, end: int | None = None
) -> Script:
    return Script(CREATOR, brand, ("book", *steps), start=start, end=end, offer=offer, package=package)


_CREATOR: Final = (
    # A year of finished work.
    Script(CREATOR, BRAND, ("apply", *_REVISED), start=321, brief="one-pot-week", price=9_600),
    _booked("quietware", _PICTURES, 1, *_DONE, start=282),
    _booked("paper-lantern", _SUPPER, 0, *_DONE, start=251),
    Script(CREATOR, "quietware", ("invite", *_DONE), start=216, brief="quiet-mornings", price=8_800),
    Script(CREATOR, "hearth-and-grain", ("apply", *_SILENT), start=184, brief="bread-from-field", price=9_200),
    _booked(BRAND, _SUPPER, 1, *_REVISED, start=150),
    _booked("northmoss", _PICTURES, 0, *_DONE, start=121),
    _booked("hearth-and-grain", _SUPPER, 1, *_DONE, start=96),
    _booked("paper-lantern", _PICTURES, 1, *_DONE, start=66),
    _booked("quietware", _SUPPER, 1, *_DONE, end=16),
    _booked("saltbox-audio", _PICTURES, 1, *_DONE, end=1),
    # One in each stage; the first booking wants more than the package.
    Script(CREATOR, BRAND, ("book",), end=1, offer=_SUPPER, package=1, addons=(A.USAGE_RIGHTS, A.RUSH), wanted=24,
           by=MANAGER),
    Script(CREATOR, "quietware", ("invite",), end=1, brief="kettle-for-one", price=5_200),
    Script(CREATOR, BRAND, ("invite",), end=1, brief="lid-before-launch", price=9_600),
    _booked("hearth-and-grain", _SUPPER, 2, "answer", "counter", "counter", end=1),
    Script(CREATOR, BRAND, ("apply", "answer", "counter", "agree", "sign_brand"), end=1, brief="autumn-clay-pot",
           price=9_800),
    _booked("northmoss", _SUPPER, 1, *_FUNDED, end=3),
    Script(CREATOR, BRAND, ("apply", *_FUNDED, "draft"), end=2, brief="balcony-suppers", price=8_400),
    _booked("lumen-bikes", _PICTURES, 1, *_FUNDED, "draft", "approve", end=2),
    _booked("paper-lantern", _SUPPER, 0, *_FUNDED, "draft", "approve", "publish", end=3),
)  # fmt: skip

_BRAND: Final = (
    Script("kofi-mensah-baker", BRAND, ("apply",), end=1, brief="autumn-clay-pot", price=12_400,
           says="I bake in clay, so a clay pot is half my kitchen already. Groundnut soup, slowly, in one take of the lid."),
    Script("priya-nandakumar", BRAND, ("apply",), end=1, brief="autumn-clay-pot", price=11_000,
           says="Sambar for a wet week. I film on Sunday, you have the draft on Wednesday, and the receipt is in the picture."),
    Script("marta-elgin", BRAND, ("apply",), end=2, brief="autumn-clay-pot", price=7_200,
           says="The flat is coldest in the kitchen, which is rather the point. Barley broth while the plaster dries."),
    Script("clara-winther", BRAND, ("apply",), end=2, brief="autumn-clay-pot", price=6_400,
           says="Everything that the frost left on the balcony goes into one pot. My viewers wait for that evening all year."),
    Script("hana-petrov", BRAND, ("apply", "decline"), end=4, brief="autumn-clay-pot", price=14_800),
    Script("ingrid-solheim", BRAND, ("invite", "answer", "counter", "counter"), end=1, brief="autumn-clay-pot",
           price=9_000),
    Script("marta-elgin", BRAND, ("apply", "answer", "counter", "agree", "sign", "sign"), end=1,
           brief="balcony-suppers", price=7_600, by=MANAGER),
    Script("clara-winther", BRAND, ("apply", *_SILENT), end=2, brief="balcony-suppers", price=5_400, by=MANAGER),
    Script("noor-aziz", BRAND, ("apply", *_SILENT, "dispute:open", "statement:open"), end=2, brief="balcony-suppers",
           price=9_000),
)  # fmt: skip

_OTHERS: Final = (
    Script("qin-zhizhi", "yunxi-care", ("book", *_SILENT, "dispute:open", "statement:open"), end=4,
           offer="三分钟通勤妆"),
    Script("mi-baba", "weiguang-lights", ("apply",), end=1, brief="study-lamp-autumn", price=11_800),
    Script("fang-zhou", "weiguang-lights", ("apply", "answer", "counter", "agree"), end=1, brief="study-lamp-autumn",
           price=13_200),
    Script("tuan-tuan-ma", "weiguang-lights", ("invite", "answer"), end=1, brief="study-lamp-autumn", price=9_600),
    Script("ye-hangyi", "beichen-travel", ("apply", "answer", "counter"), end=1, brief="slow-line-winter", price=16_400),
    Script("deng-laojie", "beichen-travel", ("apply",), end=2, brief="slow-line-winter", price=12_800),
    Script("qiao-shanshan", "beichen-travel", ("invite", "decline"), end=2, brief="slow-line-winter", price=14_000),
    Script("marta-elgin", "quietware", ("apply", "answer", "agree", "sign", "sign"), end=1, brief="kettle-for-one",
           price=5_600),
    Script("dele-marsh", "quietware", ("apply", "withdraw"), end=3, brief="kettle-for-one", price=7_800),
    Script("wen-xiaozao", "maiqing-noodles", ("book", *_FUNDED), end=4, offer="外婆的点心课"),
    Script("bai-jian", "muxu-home", ("book", *_FUNDED, "draft", "revise"), end=2, offer="四十二平米的位置", package=1),
    Script("he-mianmian", "shanhe-tea", ("book", *_FUNDED, "draft"), end=1, offer="三十分钟家常菜", package=1),
    Script("lei-paobu", "qianli-bikes", ("book", *_FUNDED, "draft", "approve", "charge_back"), end=1, offer="训练日的一段"),
    Script("nan-ge", "beichen-travel", ("book", *_SILENT), end=4, offer="城市声音小样"),
    Script("tomas-okafor", "lumen-bikes", ("book", *_FUNDED), end=6, offer="A thousand kilometres with it"),
    Script("jonah-reyes", "saltbox-audio", ("book", *_FUNDED, "draft"), end=3, offer="One take in a stairwell",
           package=1),
    Script("leo-tanaka-hill", "quietware", ("book", "answer", "agree", "sign"), end=1, offer="On the bench, live"),
    Script("amara-voss", "northmoss", ("book", *_SILENT), end=1, offer="On the way to the hut", package=1),
    Script("bu-yi", "yunxi-care", ("book",), end=1, offer="翻开缝份看衣服"),
    Script("qin-zhizhi", "yunxi-care", ("apply",), end=1, brief="sensitive-season", price=6_800),
    Script("mo-lian", "yunxi-care", ("invite", "answer", "counter"), end=3, brief="sensitive-season", price=8_800),
    Script("du-laoshi", "weiguang-lights", ("invite", "decline"), end=5, brief="lamp-study-live", price=9_000),
    Script("jian-shu", "weiguang-lights", ("apply", "answer", *_REST), end=3, brief="lamp-study-live", price=8_200),
    Script("ingrid-solheim", "northmoss", ("apply", *_FUNDED), end=3, brief="shell-in-spring", price=9_400),
    Script("oskar-brandt", "northmoss", ("apply",), end=2, brief="shell-in-spring", price=6_600),
    Script("ingrid-solheim", "northmoss", ("invite",), end=2, brief="hut-to-hut", price=11_200),
    Script("amara-voss", "northmoss", ("invite",), end=1, brief="hut-to-hut", price=12_400),
    Script("he-mianmian", "maiqing-noodles", ("apply",), end=1, brief="noodles-by-views", price=9_000),
    Script("xu-pangpang", "maiqing-noodles", ("book", *_DONE), end=5, offer="弄堂里的一下午"),
    Script("du-laoshi", "weiguang-lights", ("book", *_FUNDED, "draft", "approve", "publish", "accept"), end=9,
           offer="课前两分钟"),
    Script("ben-achterberg", "quietware", ("book", *_REVISED), end=12, offer="Thirty days, then an opinion"),
    Script("sam-ivory", "saltbox-audio", ("book", *_DONE, "charge_back", "lose"), end=2, offer="Live from the boat"),
)  # fmt: skip

SPECIAL: Final = (*_CREATOR, *_BRAND, *_OTHERS)
