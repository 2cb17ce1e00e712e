"""What the embedded GitHub remembers: frozen values without behaviour."""
