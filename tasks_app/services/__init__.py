"""What an owner can ask: one function a wish, one transaction each."""
