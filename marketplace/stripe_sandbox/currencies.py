"""The currencies Stripe takes (https://docs.stripe.com/currencies) and how many minor units make a major one."""

from .errors import Refusal


def _codes(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


CURRENCIES = _codes(
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf"
    " clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils"
    " inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk"
    " mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp"
    " sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar"
    " zmw"
)
_NO_MINOR = _codes("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf")
_THREE = _codes("bhd jod kwd omr tnd")
LARGEST_CHARGE = 99_999_999  # Stripe takes eight digits at most


def exponent(currency: str) -> int:
    if currency in _NO_MINOR:
        return 0
    return 3 if currency in _THREE else 2


def in_minor_units(hundredths: int, currency: str) -> int:
    """Hundredths of a major unit, rounded down to what the currency can say."""
    units: int = hundredths * 10 ** exponent(currency) // 100
    return units


def check_currency(currency: str, param: str = "currency") -> str:
    lower = currency.lower()
    if lower not in CURRENCIES:
        known = ", ".join(sorted(CURRENCIES))
        raise Refusal(f"Invalid currency: {currency}. Stripe currently supports these currencies: {known}", param=param)
    return lower


def check_amount(amount: int, param: str = "amount") -> int:
    if amount < 1:
        raise Refusal("This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=param)
    return amount
