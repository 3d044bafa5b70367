"""AWS behind the ports: the only folder that imports boto3 or botocore."""
