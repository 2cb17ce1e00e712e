"""Pure rules that turn signals and log text into a Diagnosis."""
