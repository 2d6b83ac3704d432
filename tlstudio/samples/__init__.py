"""Sample image sets to try the app without own photos, drawn on the spot."""
