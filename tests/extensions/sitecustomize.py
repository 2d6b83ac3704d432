"""Adds the toys beside this file to the packages of tlstudio, without touching any file of it.

Put on PYTHONPATH it does so in every process that is started; `extend` does it in a running one.
"""

import importlib
import sys
from importlib.machinery import PathFinder
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = {
    f"tlstudio.{name}": str(HERE.joinpath(*name.split(".")))
    for name in (
        "specs.strategies",
        "specs.checks",
        "specs.exports",
        "training.strategies",
        "checks.data",
        "checks.trust",
        "export.formats",
    )
}
"""Folder of toys by the package that they join."""


class ExtendedPackages:
    """Finds the packages where they are, and lets them look for modules in the folder of toys as well."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in PACKAGES:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None:
            spec.submodule_search_locations.append(PACKAGES[name])
        return spec


def extend(patch, *, only_specs):
    """Add the toys in this process until the patches are undone."""
    for name, folder in PACKAGES.items():
        if not only_specs or name.startswith("tlstudio.specs."):
            package = importlib.import_module(name)
            patch.setattr(package, "__path__", [*package.__path__, folder])


if __name__ == "sitecustomize":
    sys.meta_path.insert(0, ExtendedPackages)
