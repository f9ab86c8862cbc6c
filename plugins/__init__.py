"""What is added on top of the platform."""
