"""What is to be done, and its state: every table and every state change."""
