SET lock_timeout = '2s';

ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'new';

-- Not in a transaction: the table stays writable while the index is built.
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_email ON orders (email);
