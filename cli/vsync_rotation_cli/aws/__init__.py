"""What the operator's commands ask of AWS, beside what the functions ask; only this folder knows the SDK."""
