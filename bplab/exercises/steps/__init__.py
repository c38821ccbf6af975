"""The five steps of a backward pass, and the known mistakes in each."""
