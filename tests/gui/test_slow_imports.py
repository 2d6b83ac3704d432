"""What pages need is imported before they are built."""

import subprocess
import sys


def test_the_recipe_and_the_specs_are_there_afterwards_without_torch():
    code = (
        "import sys; from tlstudio.gui.slow_imports import import_slow_modules; import_slow_modules(); "
        "wanted = ('tlstudio.specs.recipe', 'tlstudio.specs.views.confusion', 'torch'); "
        "print([name for name in wanted if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "['tlstudio.specs.recipe', 'tlstudio.specs.views.confusion']"
