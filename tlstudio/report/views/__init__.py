"""One figure per file, the same in the app, the report and a notebook."""
