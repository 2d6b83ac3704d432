"""Tables beside images: reading them, matching their names with files, and what their columns say."""
