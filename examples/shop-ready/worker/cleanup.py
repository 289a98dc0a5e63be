"""Forgets the addresses of orders that are older than a year."""

import os

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as db:
    db.execute("UPDATE orders SET email = '' WHERE created_at < now() - interval '1 year' AND email <> ''")
