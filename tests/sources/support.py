"""What the adapters' tests share: small tables in the publishers' formats, and labels."""

from datetime import date, timedelta

from stackcast.observations.labels import Label, Labels
from stackcast.sources.base import Context
from stackcast.sources.payload import Payload

TODAY = date(2026, 11, 22) + timedelta(days=1)
"""The day after the last that any file of these tests counts."""
PUBLISHED = date(2026, 7, 19)


def payload(text, origin="saved.csv", published=PUBLISHED):
    return Payload(text if isinstance(text, bytes) else text.encode(), origin, published)


def table(header, *rows):
    return "\n".join([",".join(header), *(",".join(map(str, row)) for row in rows)]) + "\n"


def labels(**kinds):
    given = {"criterion": "any-weights", "from_date": "2020-01-01", "source_url": "https://a.b/c"}
    names = {name.replace("_", "-"): kind for name, kind in kinds.items()}
    return Labels(tuple(Label.model_validate(given | {"model": n, "label": k}) for n, k in names.items()))


NONE = Labels(())


def context(labels=NONE, signals=(), today=TODAY):
    return Context(labels, dict(signals), today)


def by_signal(reading):
    found = {}
    for slug, row in reading.rows:
        found.setdefault(slug, []).append(row)
    return found
