"""One figure per file, found by its id; what each offers is in `report.view`."""
