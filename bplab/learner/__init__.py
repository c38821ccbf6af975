"""The door to a learner's function: call it with care, and watch it."""
