"""The form of what comes in and goes out, one noun a file."""
