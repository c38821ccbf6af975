"""What goes wrong in an activation or its derivative."""
