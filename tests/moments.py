"""When the tests' worlds begin: a run tests the same moments at whatever hour of whatever day it is run."""

from datetime import UTC, datetime
from typing import Final

# Just before midnight at the end of a leap year's February: what counts hours, days and dates meets all their edges.
BEGINNING: Final = datetime(2028, 2, 28, 23, 59, 57, 400_000, tzinfo=UTC)
