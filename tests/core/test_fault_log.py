"""The traceback of a fault goes to a file that is named, wherever one can be written."""

import os

import pytest

from tlstudio.core import fault_log
from tlstudio.core.events import JobFailed, ignore, run_guarded
from tlstudio.core.files import settings_dir


def fail():
    raise ZeroDivisionError("by nought")


def test_a_fault_of_ours_names_the_log_that_holds_its_traceback(capsys):
    final = run_guarded(fail, run_id="job-1", emit=ignore)
    assert isinstance(final, JobFailed)
    log = settings_dir() / "log.txt"
    assert str(log) in final.mend
    text = log.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "by nought" in text
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""


def test_the_log_lies_elsewhere_when_the_settings_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TLSTUDIO_SETTINGS", str(tmp_path / "file" / "settings"))
    monkeypatch.setattr(fault_log.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    file = fault_log.write_fault(ValueError("x"), doing="testing")
    assert file == tmp_path / "temporary" / "tlstudio" / "log.txt"
    assert str(file) in fault_log.where_to_look(file)
    monkeypatch.setattr(fault_log.tempfile, "gettempdir", lambda: str(tmp_path / "file"))
    assert fault_log.write_fault(ValueError("x"), doing="testing") is None
    assert fault_log.where_to_look(None).endswith("this message.")


def test_a_long_log_is_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(fault_log, "LOG_BYTES", 10)
    file = fault_log.log_file(tmp_path / "new")
    file.write_text("x" * 11)
    assert fault_log.log_file(tmp_path / "new") == file
    assert not file.exists()
    assert (tmp_path / "new" / "log-older.txt").read_text() == "x" * 11


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_message_that_is_not_text_can_be_logged():
    file = fault_log.write_fault(ValueError("caf\udce9"), doing="testing")
    assert "caf\\udce9" in file.read_text(encoding="utf-8")
