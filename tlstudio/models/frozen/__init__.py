"""Computes the frozen stages with the fastest runtime here whose results agree with float32 torch."""
