"""The report of a run."""


def test_the_report_is_written_where_asked(trained_run, do, tmp_path):
    out = tmp_path / "report.html"
    assert do("report", run=trained_run.run, out=out) == {"file": str(out)}
    assert "ants" in out.read_text(encoding="utf-8")
