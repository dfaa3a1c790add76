"""What the hosted pages say, in English and Simplified Chinese. The sandbox is its own app, so it has no catalogue."""

from datetime import UTC, datetime

from babel.dates import format_datetime
from babel.numbers import format_currency
from flask import request

from .currencies import exponent

_EN = {
    "sandbox": "Sandbox",
    "notice": "This page stands in for Stripe. No real money moves and no real card is needed.",
    "skip": "Skip to the content",
    "checkout_title": "Pay {amount}",
    "to_pay": "To pay",
    "quantity": "Quantity {count}",
    "total": "Total",
    "pay_by_card": "Pay by card",
    "email": "E-mail",
    "card_number": "Card number",
    "expiry": "Expiry, month and year",
    "expiry_help": "For example 12 / 34.",
    "cvc": "Security code",
    "cvc_help": "The three or four digits on the card.",
    "card_name": "Name on the card",
    "pay": "Pay {amount}",
    "back": "Go back without paying",
    "test_cards": "Test cards",
    "test_cards_help": "Choose one to fill the form with it.",
    "card_pays": "pays",
    "card_declined": "is declined",
    "card_insufficient": "has insufficient funds",
    "card_challenge": "asks for 3-D Secure",
    "card_disputed": "pays, and is disputed afterwards",
    "summary": "The payment was not made",
    "nothing_taken": "Nothing was taken. Correct what is marked below and pay again.",
    "declined_next": "Nothing was taken. Try another card.",
    "refused_card_declined": "The card was declined.",
    "refused_insufficient_funds": "The card has insufficient funds.",
    "refused_authentication": "The bank could not confirm that it is you.",
    "bad_email": "Enter an e-mail address, such as name@example.com.",
    "bad_number": "Enter a card number without a typing error.",
    "not_test_card": "Use one of the test cards listed on this page. Real cards don't work here.",
    "bad_expiry": "Enter a month and year that are not over, such as 12 / 34.",
    "bad_cvc": "Enter the three or four digits of the security code.",
    "bad_name": "Enter the name on the card.",
    "confirm_title": "Confirm the payment with your bank",
    "confirm_text": "Your bank asks whether you want to pay {amount}. This is the 3-D Secure test page.",
    "confirm": "Confirm the payment",
    "fail": "Fail the confirmation",
    "paid_title": "This payment is already made",
    "paid_text": "It was taken once. You can close this page or continue.",
    "continue": "Continue",
    "expired_title": "This payment page has expired",
    "expired_text": "Nothing was taken. Go back and start the payment again.",
    "missing_title": "There is no such page",
    "missing_text": "The address is incomplete, or the sandbox was reset since it was made.",
    "return": "Go back",
    "onboarding_title": "Set up payouts",
    "onboarding_text": "Tell us who is paid and where the money goes. Test values are filled in for you.",
    "account": "Account",
    "country": "Country",
    "legal_name": "Full legal name",
    "bank": "Bank",
    "routing": "Routing number",
    "account_number": "Account number",
    "finish": "Finish the set-up",
    "later": "Finish later",
    "bad_legal_name": "Enter the full legal name.",
    "bad_routing": "Enter 3 to 12 digits, or leave it empty.",
    "bad_account_number": "Enter 6 to 24 letters and digits.",
    "onboarding_summary": "The set-up is not finished",
    "onboarding_fix": "Nothing was saved. Correct what is marked below.",
    "onboarded_title": "The set-up is finished",
    "onboarded_text": "This account can receive money.",
    "dashboard_title": "Express dashboard",
    "balance": "Balance",
    "payments": "Payments received",
    "no_payments": "No payments yet. Each transfer from the platform will be listed here.",
    "no_balance": "No money yet.",
    "date": "Date",
    "amount": "Amount",
    "description": "Description",
    "index_title": "Stripe sandbox",
    "objects": "Newest objects",
    "events": "Newest events",
    "kind": "Kind",
    "id": "Identifier",
    "type": "Type",
    "webhooks": "Webhooks",
    "nothing_yet": "Nothing yet. What is made through the API will be listed here.",
    "time_zone": "All times are UTC.",
}

_ZH = {
    "sandbox": "沙盒",
    "notice": "本页代替 Stripe，不会动用真实资金，也不需要真实银行卡。",
    "skip": "跳到正文",
    "checkout_title": "支付 {amount}",
    "to_pay": "应付金额",
    "quantity": "数量 {count}",
    "total": "合计",
    "pay_by_card": "银行卡支付",
    "email": "电子邮箱",
    "card_number": "卡号",
    "expiry": "有效期（月和年）",
    "expiry_help": "例如 12 / 34。",
    "cvc": "安全码",
    "cvc_help": "卡上的三位或四位数字。",
    "card_name": "持卡人姓名",
    "pay": "支付 {amount}",
    "back": "不支付，返回",
    "test_cards": "测试卡",
    "test_cards_help": "选择一张，自动填入表单。",
    "card_pays": "支付成功",
    "card_declined": "被拒绝",
    "card_insufficient": "余额不足",
    "card_challenge": "需要 3-D Secure 验证",
    "card_disputed": "支付成功，随后发生争议",
    "summary": "支付未完成",
    "nothing_taken": "没有扣款。改正下面标出的内容后再次支付。",
    "declined_next": "没有扣款。换一张卡再试。",
    "refused_card_declined": "银行卡被拒绝。",
    "refused_insufficient_funds": "银行卡余额不足。",
    "refused_authentication": "银行未能确认是你本人。",
    "bad_email": "填写电子邮箱，例如 name@example.com。",
    "bad_number": "检查卡号，其中有输入错误。",
    "not_test_card": "使用本页列出的测试卡，真实银行卡在这里无效。",
    "bad_expiry": "填写未过期的月和年，例如 12 / 34。",
    "bad_cvc": "填写三位或四位安全码。",
    "bad_name": "填写持卡人姓名。",
    "confirm_title": "向银行确认这笔支付",
    "confirm_text": "银行询问你是否要支付 {amount}。这是 3-D Secure 测试页。",
    "confirm": "确认支付",
    "fail": "让验证失败",
    "paid_title": "这笔款已经支付",
    "paid_text": "只扣款一次。你可以关闭本页，也可以继续。",
    "continue": "继续",
    "expired_title": "支付页已过期",
    "expired_text": "没有扣款。返回后重新发起支付。",
    "missing_title": "没有这个页面",
    "missing_text": "地址不完整，或者生成地址后沙盒已重置。",
    "return": "返回",
    "onboarding_title": "设置收款",
    "onboarding_text": "填写收款人和收款账户。测试信息已经替你填好。",
    "account": "账户",
    "country": "国家或地区",
    "legal_name": "法定姓名",
    "bank": "银行",
    "routing": "银行代码",
    "account_number": "账号",
    "finish": "完成设置",
    "later": "以后再完成",
    "bad_legal_name": "填写法定姓名。",
    "bad_routing": "填写 3 到 12 位数字，或留空。",
    "bad_account_number": "填写 6 到 24 位字母和数字。",
    "onboarding_summary": "设置未完成",
    "onboarding_fix": "没有保存。改正下面标出的内容。",
    "onboarded_title": "设置已完成",
    "onboarded_text": "这个账户可以收款。",
    "dashboard_title": "Express 管理页",
    "balance": "余额",
    "payments": "收到的款项",
    "no_payments": "还没有款项。平台的每笔转账都会列在这里。",
    "no_balance": "还没有资金。",
    "date": "日期",
    "amount": "金额",
    "description": "说明",
    "index_title": "Stripe 沙盒",
    "objects": "最新对象",
    "events": "最新事件",
    "kind": "种类",
    "id": "编号",
    "type": "类型",
    "webhooks": "Webhook",
    "nothing_yet": "还没有内容。通过 API 创建的对象会列在这里。",
    "time_zone": "所有时间均为 UTC。",
}


class Words:
    """One page's language: `lang` for the html element, `say` for a sentence, `money` and `time` for figures."""

    def __init__(self, chinese: bool) -> None:
        self.lang = "zh-Hans" if chinese else "en"
        self._locale = "zh_Hans_CN" if chinese else "en"
        self._words = _ZH if chinese else _EN

    def say(self, name: str, **values: object) -> str:
        return self._words[name].format(**values)

    def money(self, amount: int, currency: str) -> str:
        digits = exponent(currency)
        whole, part = divmod(abs(amount), 10**digits)
        exact = f"{'-' if amount < 0 else ''}{whole}.{part:0{digits}d}" if digits else str(amount)
        return format_currency(exact, currency.upper(), locale=self._locale)

    def time(self, second: int) -> str:
        return format_datetime(datetime.fromtimestamp(second, UTC), "medium", locale=self._locale)


def words_for(locale: str | None = None) -> Words:
    """A checkout session names its language; without a name (or with `auto`) the browser's first choice is taken."""
    if locale and locale != "auto":
        return Words(locale.startswith("zh"))
    best = request.accept_languages.best_match(["en", "zh", "zh-CN", "zh-Hans", "zh-HK", "zh-TW"], default="en")
    return Words(best.startswith("zh"))
