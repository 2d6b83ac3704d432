"""One figure per file, found by its id; the interface is in `report.view`."""
