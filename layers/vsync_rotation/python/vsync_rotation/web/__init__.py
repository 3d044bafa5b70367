"""Requests to consumers' own health URLs. Like `aws` it knows the world outside; it knows no SDK and no credentials."""
