"""What students may hand in, by intent or by accident, and what it may cost or earn."""
