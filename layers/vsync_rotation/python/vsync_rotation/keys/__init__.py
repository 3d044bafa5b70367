"""Pure rules for IAM access keys: what their user's tags say, and which key may go. No I/O."""
