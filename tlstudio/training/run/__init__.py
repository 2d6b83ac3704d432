"""One whole run: preparation, training, evaluation, and what is written to its folder."""
