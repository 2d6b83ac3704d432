"""Data health of a project."""

import shutil


def test_findings_go_by_the_current_labels(project, do):
    copy = project.images_root / "ants" / "copy.jpg"
    shutil.copy(project.images_root / "ants" / "photo-000.jpg", copy)
    do("scan-project", project=project.folder)

    def severities() -> str:
        findings = do("check-project", project=project.folder)["findings"]
        return " ".join(f["severity"] for f in findings if "ants/copy.jpg" in f["paths"])

    same_label = severities()
    project.set_label(["ants/copy.jpg"], class_name="bees")
    assert severities() != same_label  # the same image under two labels is worse than the same image twice
