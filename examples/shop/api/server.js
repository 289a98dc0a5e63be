const amqp = require("amqplib");
const express = require("express");
const { Pool } = require("pg");
const { createClient } = require("redis");

const db = new Pool({ connectionString: process.env.DATABASE_URL });
const cache = createClient({ url: process.env.REDIS_URL });
const app = express();
app.use(express.json());

let queue;

app.get("/healthz", (req, res) => res.send("ok"));

app.get("/products", async (req, res) => {
  const cached = await cache.get("products");
  if (cached) return res.type("json").send(cached);
  const { rows } = await db.query("SELECT id, name, price_cents, stock FROM products ORDER BY name");
  await cache.set("products", JSON.stringify(rows), { EX: 30 });
  res.json(rows);
});

app.post("/orders", async (req, res) => {
  const { email, items } = req.body;
  console.log("new order", JSON.stringify(req.body));
  const { rows } = await db.query(
    "INSERT INTO orders (email, items) VALUES ($1, $2) RETURNING id",
    [email, JSON.stringify(items)],
  );
  queue.sendToQueue("orders", Buffer.from(JSON.stringify({ id: rows[0].id, email })));
  res.status(201).json({ id: rows[0].id });
});

async function start() {
  await cache.connect();
  const connection = await amqp.connect(process.env.AMQP_URL);
  queue = await connection.createChannel();
  await queue.assertQueue("orders");
  app.listen(process.env.PORT || 3000);
}

start();
