"""The Use page: try a classifier, predict a folder, export."""
