"""One idempotent step per file: decide is pure, ensure looks, decides, acts and looks again."""
