import subprocess
import sys
from dataclasses import asdict

from tlstudio.export.catalogue import EXPORTS
from tlstudio.export.formats import FORMATS


def test_menu_and_formats_are_the_same() -> None:
    told = {
        info.id: {key: value for key, value in asdict(info).items() if key != "summary"} for info in EXPORTS
    }
    made = {
        item.id: {"id": item.id, "title": item.title, "audience": item.audience, "suffix": item.suffix}
        for item in FORMATS
    }
    assert told == made
    assert len(EXPORTS) == len(told)
    assert all(info.summary.endswith(".") for info in EXPORTS)


def test_menu_loads_nothing_heavy() -> None:
    code = (
        "import sys, tlstudio.export.catalogue;"
        "print([name for name in ('torch', 'onnx', 'onnxruntime', 'numpy', 'PIL') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
