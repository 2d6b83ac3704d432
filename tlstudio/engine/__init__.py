"""The engine process: where torch lives while the window is open."""
