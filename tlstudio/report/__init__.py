"""The HTML report and the figures it shares with the app."""
