"""The wiki with the result pages of release validation."""
