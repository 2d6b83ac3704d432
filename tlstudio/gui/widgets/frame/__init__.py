"""The frame of the window: header, sidebar, status bar, banner."""
