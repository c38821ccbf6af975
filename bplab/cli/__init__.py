"""The command line, one file a group of commands: ``bplab = "bplab.cli.main:main"``."""
