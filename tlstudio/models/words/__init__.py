"""Words: what they mean as vectors, and how near they are to the classes a backbone was pretrained on."""
