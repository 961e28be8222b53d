"""Runs migrations on the connection that `store.engine` opened; alembic imports it."""

from alembic import context

from fedora_openqa.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter a table; alembic then makes another and copies
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
