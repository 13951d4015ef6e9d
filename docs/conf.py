"""The site of the documentation: `make site` builds it strictly into `site/`."""

from pennybridge import __version__

project = "Pennybridge"
author = "The Pennybridge authors"
version = release = __version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "Pennybridge"
html_show_copyright = False
html_show_sphinx = False
html_static_path = ["pictures"]
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["myst.xref_missing"]  # links to files of the repository; tests/docs checks them
