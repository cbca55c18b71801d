"""Every change of the schema, in order. Run by `storage.upgrade`; needs no alembic.ini."""
