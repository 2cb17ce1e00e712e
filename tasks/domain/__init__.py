"""Floor 0: the words of the field as frozen values, with nothing but the standard library."""
