"""Runs migrations on the connection that `store.engine` opened; Alembic imports it."""

from alembic import context

from fedora_openqa.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter a table: Alembic makes a new one and copies the rows
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
