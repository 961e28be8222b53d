"""All migrations, in order."""
