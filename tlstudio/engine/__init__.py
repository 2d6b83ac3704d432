"""The engine process, which computes with torch while the window is open."""
