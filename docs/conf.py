"""Settings of the documentation site. `make docs` builds it with Sphinx, and a dead link fails the build."""

project = "tlstudio"
html_title = "tlstudio"
html_theme = "furo"
extensions = ["myst_parser"]
exclude_patterns = ["_site"]
# Links may name headings, as on code hosts: [The split](data.md#the-split).
myst_heading_anchors = 4
nitpicky = True
# The pages are Markdown that is in the repository anyway.
html_copy_source = False
html_show_copyright = False
html_use_index = False
html_show_sourcelink = False
