"""One submission's way: the notebook is run, its functions are evaluated, answers are judged."""
