"""Metrics with intervals, predictions, calibration."""
