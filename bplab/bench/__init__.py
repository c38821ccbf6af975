"""Benchmarks that ``bplab bench`` runs; nothing else in the package imports them."""
