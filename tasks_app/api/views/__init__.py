"""HTTP in, a service call, HTTP out: one noun a file."""
