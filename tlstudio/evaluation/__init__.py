"""How well a classifier does: predictions, metrics with intervals, calibration, results of runs."""
