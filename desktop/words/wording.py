# SPDX-License-Identifier: Apache-2.0
"""Numbers, units, ages and times as the person's locale writes them."""

from __future__ import annotations

import re
from datetime import datetime

from PySide6.QtCore import QDate, QLocale

from desktop.words.translation import tr

MINUTE, HOUR, DAY = 60, 3600, 86400


def _locale() -> QLocale:
    """The locale in force; English where the computer names none (its "C" groups no digits)."""
    locale = QLocale()
    # By name: its language as an enumeration takes ten times as long, for each figure shown.
    return QLocale("en_US") if locale.name() == "C" else locale


def number(value: int) -> str:
    """4,182,907."""
    return _locale().toString(int(value))


def decimal(value: float, digits: int = 2) -> str:
    """2.03."""
    return _locale().toString(float(value), "f", digits)


def amount(base: float, decimals: int, digits: int) -> str:
    """43.084 of 43,084,000 base units with six decimals; below a last digit "< 0.001"."""
    value = float(base) / 10**decimals
    if 0 < value < 10**-digits:
        return f"< {decimal(10**-digits, digits)}"
    return decimal(value, digits)


def decimal_point() -> str:
    """What parts the whole from its decimals."""
    return _locale().decimalPoint()


def plain_number(text: str) -> str | None:
    """ "1000.5" of what a person wrote in their locale; None where groups or point are misplaced.

    A wrong guess about a separator would change an amount a thousandfold, so nothing is guessed.
    """
    point, group = re.escape(decimal_point()), re.escape(_locale().groupSeparator())
    whole = rf"(?P<whole>\d+|\d{{1,3}}(?:{group}\d{{3}})+)"
    found = re.fullmatch(rf"{whole}(?:{point}(?P<part>\d+))?", text.strip(), re.ASCII)
    if found is None:
        return None
    digits = re.sub(r"\D", "", found["whole"])
    return f"{digits}.{found['part']}" if found["part"] else digits


def percent(share: float, digits: int = 1) -> str:
    """69.7 % of a share of 0.697."""
    return tr("{number} %").format(number=decimal(share * 100, digits))


def size(count: float) -> str:
    """Bytes in decimal units, three digits: 302 GB, 61.8 MB, 4 KB."""
    units = ("B", "KB", "MB", "GB", "TB", "PB")
    value, at = float(count), 0
    while value >= 999.5 and at < len(units) - 1:
        value, at = value / 1000, at + 1
    digits = 0 if at < 2 or value >= 99.95 else 1
    return f"{decimal(value, digits)} {units[at]}"


def latency(seconds: float) -> str:
    """0.4 ms, 34 ms, 1.2 s."""
    if seconds >= 1:
        return tr("{number} s").format(number=decimal(seconds, 1))
    milliseconds = seconds * 1000
    return tr("{number} ms").format(number=decimal(milliseconds, 1 if milliseconds < 10 else 0))


def duration(seconds: float, *, exact: bool = False) -> str:
    """12 s, 51 min, 1 h 46 min, 6 d 4 h; exact: also 1 min 13 s."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return tr("{seconds} s").format(seconds=whole)
    if whole < HOUR:
        minutes, rest = divmod(whole, MINUTE)
        if exact and rest:
            return tr("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)
        return tr("{minutes} min").format(minutes=minutes)
    if whole < DAY:
        hours, rest = divmod(whole, HOUR)
        if rest < MINUTE:
            return tr("{hours} h").format(hours=hours)
        return tr("{hours} h {minutes} min").format(hours=hours, minutes=rest // MINUTE)
    days, rest = divmod(whole, DAY)
    if rest < HOUR or days > 99:
        return tr("{days} d").format(days=number(days))
    return tr("{days} d {hours} h").format(days=days, hours=rest // HOUR)


def ago(age: float | None, *, exact: bool = False) -> str:
    """12 s ago; "never" for what has not happened."""
    if age is None:
        return tr("never")
    return tr("{age} ago").format(age=duration(age, exact=exact))


def clock(at: float, now: float) -> str:
    """The time of day, with the date when it is not today's: 14:05, 16 Nov 18:40."""
    moment, today = (
        datetime.fromtimestamp(at).astimezone(),
        datetime.fromtimestamp(now).astimezone(),
    )
    time = f"{moment:%H:%M}"
    if moment.date() == today.date():
        return time
    day = QDate(moment.year, moment.month, moment.day)
    return f"{_locale().toString(day, tr('d MMM'))} {time}"


def date(stamp: str) -> str:
    """16 Nov 2026, of an RFC 3339 time; the text itself where it is none."""
    try:
        moment = datetime.fromisoformat(stamp).astimezone()
    except ValueError:
        return stamp
    return _locale().toString(QDate(moment.year, moment.month, moment.day), tr("d MMM yyyy"))


def blocks(count: int) -> str:
    """1 block, 28,391 blocks."""
    if count == 1:
        return tr("1 block")
    return tr("{count} blocks").format(count=number(count))


def peers(count: int) -> str:
    """1 peer, 23 peers."""
    if count == 1:
        return tr("1 peer")
    return tr("{count} peers").format(count=number(count))


def days(count: float) -> str:
    """1 day, 287 days."""
    whole = int(count)
    return tr("1 day") if whole == 1 else tr("{count} days").format(count=number(whole))
