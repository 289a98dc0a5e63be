CREATE TABLE products (
    id          serial PRIMARY KEY,
    name        text NOT NULL,
    price_cents integer NOT NULL,
    stock       integer NOT NULL DEFAULT 0
);

CREATE TABLE orders (
    id         serial PRIMARY KEY,
    email      text NOT NULL,
    items      json NOT NULL,
    created_at timestamp NOT NULL DEFAULT now(),
    mailed_at  timestamp
);
