ALTER TABLE orders ADD COLUMN status text NOT NULL;
UPDATE orders SET status = 'done' WHERE mailed_at IS NOT NULL;
CREATE INDEX orders_email ON orders (email);
ALTER TABLE products DROP COLUMN stock;
