"""Training the reader's weights; nothing of the product imports it."""

import os

# For every shape of a batch the matrix library keeps a plan with its buffers, by default
# a thousand: more than 20 GB. Read when torch is imported.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
