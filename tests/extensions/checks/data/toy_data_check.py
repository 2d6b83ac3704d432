"""Counts the images of a data set."""

from tlstudio.core.finding import Finding


class ToyDataCheck:
    def examine(self, evidence, *, control):
        count = len(evidence.dataset.images)
        message = f"Toy: {count} images were counted."
        return [Finding(check="toy-data-check", severity="note", message=message, numbers={"images": count})]


IMPLEMENTATION = ToyDataCheck()
