"""Counts the epochs of a training."""

from tlstudio.core.finding import Finding


class ToyTrustCheck:
    def examine(self, evidence, *, control):
        count = len(evidence.history)
        message = f"Toy: {count} epochs were counted."
        return [
            Finding(check="toy-trust-check", severity="warning", message=message, numbers={"epochs": count})
        ]


IMPLEMENTATION = ToyTrustCheck()
