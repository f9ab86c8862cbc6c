"""The REST API: HTTP in, a service call, HTTP out."""
