"""Small building blocks: cards, buttons, chips, layouts."""
