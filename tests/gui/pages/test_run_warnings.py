from tlstudio.core.events import WarningRaised
from tlstudio.gui.pages.run_warnings import warning_findings


def test_warnings_become_findings_but_for_those_that_a_check_has_too():
    raised = [
        WarningRaised(run_id="run-1", code="elsewhere", message="It is made for other images."),
        WarningRaised(run_id="run-1", code="some-check", message="It helped.", severity="note"),
        WarningRaised(run_id="run-1", code="skipped", message="Two files are left out.", severity="note"),
    ]
    shown = warning_findings(raised, checks=["some-check"])
    assert [(finding.severity, finding.message) for finding in shown] == [
        ("warning", "It is made for other images."),
        ("note", "Two files are left out."),
    ]
