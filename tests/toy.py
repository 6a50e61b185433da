"""The fixtures of an invented debate that never changes: import them in a folder's conftest.

They have the names of the shipped debate's fixtures in ``tests/conftest.py`` and take their place in that folder.
"""

from datetime import date

from stackcast.quarters import Quarter
from tests.fixtures import fixtures_of
from tests.support import TOY, latest_day

TODAY = latest_day(TOY / "observations")
EARLIER = date(2022, 12, 31)
HORIZON = Quarter.parse("2027-Q4")

globals().update(fixtures_of(TOY, EARLIER, HORIZON))
