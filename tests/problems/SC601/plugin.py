"""A plugin that needs a package which is not there."""

import holiday_calendar  # noqa: F401
