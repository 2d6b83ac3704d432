"""Training on parts of the images to predict the others, and comparing what comes out."""
