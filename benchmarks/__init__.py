"""What ttlearn costs beside its peers, measured by one command: ``python -m benchmarks.run``."""
