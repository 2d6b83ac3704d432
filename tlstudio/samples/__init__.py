"""Sample image sets, drawn or picked when needed, to try the app without photos of one's own."""
