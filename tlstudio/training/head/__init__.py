"""Fitting the head: the linear probe, its solver, cross-validation folds."""
