"""What an instructor runs: the course's secret, and the class that shows the whole cycle."""
