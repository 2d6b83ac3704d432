"""The first lesson: five steps through the sample with planted faults, which can be left at any time."""
