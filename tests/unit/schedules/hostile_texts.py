"""Recurrences that are accepted, or nearly, and cost a careless engine seconds or for ever: (text, zone, start, policy)."""

ALL_SECONDS = ",".join(map(str, range(60)))
ALL_MINUTES = f"BYMINUTE={ALL_SECONDS}"
ALL_HOURS = "BYHOUR=" + ",".join(map(str, range(24)))
EVERY_SECOND = f"{ALL_HOURS};{ALL_MINUTES};BYSECOND={ALL_SECONDS}"
EVERY_DAY = "BYDAY=MO,TU,WE,TH,FR,SA,SU"
ODD = ",".join(map(str, range(1, 60, 2)))
POSITIONS = ",".join(map(str, range(1, 120)))


def _lines(rule: str) -> str:
    return "\n".join([f"RRULE:{rule}"] * 8)


ACCEPTED = [
    (f"FREQ=YEARLY;{EVERY_DAY};{EVERY_SECOND}", "America/New_York", "1970-01-01", ""),
    (f"FREQ=WEEKLY;{EVERY_DAY};{EVERY_SECOND};BYSETPOS=-1,366", "America/New_York", "1970-01-01", ""),
    (f"FREQ=DAILY;{EVERY_SECOND};COUNT=3000000000", "America/New_York", "1916-01-01", "both"),
    (f"FREQ=MONTHLY;{EVERY_DAY};BYHOUR=0,12;{ALL_MINUTES};BYSETPOS={POSITIONS};COUNT=1000000", "UTC", "1583-01-01", ""),
    ("FREQ=SECONDLY;COUNT=1000000000", "Australia/Lord_Howe", "1970-01-01", "wall, both"),
    ("FREQ=SECONDLY;INTERVAL=7;BYHOUR=9;COUNT=5000000", "Europe/Chisinau", "1970-01-01", ""),
    ("FREQ=SECONDLY;INTERVAL=86401;BYMINUTE=1,3;COUNT=600", "Africa/Casablanca", "1900-01-01T00:00:59", ""),
    ("FREQ=MINUTELY;INTERVAL=773;BYMINUTE=27;COUNT=100000", "Asia/Kathmandu", "1583-01-01", "wall"),
    ("FREQ=HOURLY;INTERVAL=3599;BYMONTH=2;BYDAY=TH,WE;BYHOUR=1,2", "America/New_York", "1900-08-09T00:30", ""),
    ("FREQ=MINUTELY;INTERVAL=2;BYMINUTE=13;BYSECOND=54", "Africa/Casablanca", "1583-08-21T09:30:59", ""),
    (f"FREQ=SECONDLY;INTERVAL=2;BYSECOND={ODD}", "America/New_York", "2026-01-01", ""),
    (f"FREQ=SECONDLY;INTERVAL=86400;BYSECOND={ODD}", "America/New_York", "2026-01-01", "wall"),
    ("FREQ=HOURLY;INTERVAL=2;BYHOUR=1;BYMONTH=1", "America/New_York", "2026-01-01", ""),
    ("FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=2;BYHOUR=9", "Africa/Casablanca", "1583-01-01T00:00", ""),
    ("FREQ=DAILY;INTERVAL=146097;BYDAY=FR", "UTC", "2026-01-01", ""),
    ("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "UTC", "2026-01-01", ""),
    ("FREQ=YEARLY;INTERVAL=9999999999", "UTC", "2026-01-01", ""),
    ("FREQ=YEARLY;BYWEEKNO=53;BYYEARDAY=366;BYMONTHDAY=31;BYDAY=MO", "UTC", "2026-01-01", ""),
    (
        f"FREQ=MINUTELY;{EVERY_DAY};BYSECOND={ALL_SECONDS};BYSETPOS=60;COUNT=500",
        "Australia/Lord_Howe",
        "1970-01-01",
        "",
    ),
    (_lines("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), "UTC", "2026-01-01", ""),
    (_lines("FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=2"), "America/New_York", "2026-01-01", ""),
    (_lines("FREQ=SECONDLY;INTERVAL=86399;BYYEARDAY=366;BYHOUR=3"), "America/New_York", "1970-01-01", ""),
    (_lines("FREQ=HOURLY;INTERVAL=2;BYMONTHDAY=31;BYMINUTE=25;COUNT=100000"), "Asia/Kathmandu", "1970-10-04", ""),
    ("FREQ=DAILY\nRDATE:" + ",".join(f"202701{day:02}T000000" for day in range(1, 32)), "UTC", "2026-01-01", ""),
]
REFUSED = [
    ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
    ("FREQ=DAILY;INTERVAL=" + "9" * 900, "INTERVAL"),
    ("FREQ=DAILY;COUNT=" + "9" * 900, "COUNT"),
    ("FREQ=MONTHLY;BYMONTH=13", "BYMONTH"),
    ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
    ("FREQ=DAILY;BYHOUR=" + ",".join(["9"] * 480) + ",24", "BYHOUR"),
    ("FREQ=DAILY;" * 90, "FREQ"),
    (";" * 1000, ""),
    ("RDATE:" + "," * 990, "RDATE"),
    ("\n" * 500 + "X", "X"),
    ("FREQ=DAILY;BYHOUR=9" + " " * 2_000_000 + "X", "RRULE"),
    ("FREQ=DAILY;" + "BYHOUR=9;" * 500_000, "RRULE"),
    ("\n".join(["RRULE:FREQ=DAILY"] * 50), "RRULE"),
    ("FREQ=SECONDLY;BYSECOND=1,2;BYMINUTE=1;BYSETPOS=1;COUNT=1000000000", "COUNT"),
]
