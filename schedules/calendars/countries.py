"""A country's public holidays, as the `holidays` package knows them."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import holidays
from holidays.registry import EntityLoader

from schedules.calendars.dates import name_from

_LANGUAGE = "en_US"


class UnknownCountry(ValueError):
    """No holidays are known of this country, or of this part of it; the message says which are."""


class Country:
    """The public holidays of a country (ISO 3166-1) or of a part of it (ISO 3166-2), observed days too, named in
    English where the package can.

    The package knows each country from some year on (Moldova from 1991) and up to 2100 at most: years outside hold no
    holidays. Raises `UnknownCountry`.
    """

    def __init__(self, code: str, *, subdivision: str | None) -> None:
        if code not in _codes():
            raise UnknownCountry(f"{code[:40]!r} is no country whose holidays are known: write MD, RO or US")
        try:
            holidays.country_holidays(code, subdiv=subdivision, language=_LANGUAGE)
        except NotImplementedError as error:
            known = ", ".join(getattr(holidays, code).subdivisions) or "none"
            raise UnknownCountry(
                f"{subdivision!r:.40} is no part of {code} whose holidays are known: {known:.400}"
            ) from error
        self._code = code
        self._subdivision = subdivision

    def of_year(self, year: int) -> Mapping[date, str]:
        found = holidays.country_holidays(
            self._code, subdiv=self._subdivision, years=year, expand=False, language=_LANGUAGE
        )
        return {day: name_from(name) for day, name in found.items() if day.year == year}


@cache
def _codes() -> frozenset[str]:
    return frozenset(EntityLoader.get_country_codes())
