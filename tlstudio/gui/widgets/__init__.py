"""Building blocks that know no page."""
