"""What a task is: exercises and challenges, their cases, and who else judges an answer."""
