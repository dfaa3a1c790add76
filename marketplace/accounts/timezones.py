"""The time zones people choose from: one city for each clock that differs, named in the reader's language."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from flask_babel import get_locale

from marketplace.kit import clock

_ZONES = (  # noqa: SIM905
    "Pacific/Honolulu America/Anchorage America/Los_Angeles America/Denver America/Phoenix America/Chicago "
    "America/Mexico_City America/New_York America/Toronto America/Bogota America/Lima America/Halifax America/Caracas "
    "America/Santiago America/St_Johns America/Sao_Paulo America/Argentina/Buenos_Aires Atlantic/Azores "
    "Atlantic/Reykjavik Europe/London Europe/Lisbon Africa/Casablanca Africa/Lagos Europe/Paris Europe/Berlin "
    "Europe/Madrid Europe/Rome Europe/Amsterdam Europe/Stockholm Europe/Warsaw Africa/Johannesburg Africa/Cairo "
    "Europe/Athens Europe/Helsinki Europe/Kyiv Asia/Jerusalem Europe/Istanbul Europe/Moscow Africa/Nairobi "
    "Asia/Riyadh Asia/Tehran Asia/Dubai Asia/Kabul Asia/Karachi Asia/Tashkent Asia/Kolkata Asia/Kathmandu Asia/Dhaka "
    "Asia/Almaty Asia/Yangon Asia/Bangkok Asia/Ho_Chi_Minh Asia/Jakarta Asia/Shanghai Asia/Urumqi Asia/Hong_Kong "
    "Asia/Macau Asia/Taipei Asia/Singapore Asia/Kuala_Lumpur Asia/Manila Australia/Perth Asia/Tokyo Asia/Seoul "
    "Australia/Adelaide Australia/Brisbane Australia/Sydney Pacific/Guam Pacific/Noumea Pacific/Auckland UTC"
).split()


def choices(*, present: str) -> list[tuple[str, str]]:
    """Each zone with its offset now and its city, from west to east; `present` is among them whatever it is."""
    moment = clock.now()
    offsets = {name: moment.astimezone(ZoneInfo(name)).utcoffset() or timedelta(0) for name in {*_ZONES, present}}
    ordered = sorted(offsets, key=lambda name: (offsets[name], name))
    return [(name, f"UTC{_offset(offsets[name])} {_city(name)}") for name in ordered]


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "\u2212" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _city(name: str) -> str:
    return "UTC" if name == "UTC" else str(get_timezone_location(name, locale=get_locale(), return_city=True))
