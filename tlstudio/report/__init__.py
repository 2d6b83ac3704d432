"""The HTML report of a run, and the figures that it shares with the app."""
