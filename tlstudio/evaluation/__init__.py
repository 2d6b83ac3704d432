"""Evaluation of classifiers: predictions, metrics with intervals, calibration, results of runs."""
