"""From a learner's answers to a verdict: right, a known mistake, or what can be measured."""
