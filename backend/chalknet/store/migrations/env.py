"""Alembic's entry: migrations run on the connection that ``chalknet.store.migrate`` hands over."""

from alembic import context

from chalknet.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
