"""What users are like: groups of behaviour, stage of life, best hour for a message, next categories."""
