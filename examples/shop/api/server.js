const http = require("node:http");
const amqp = require("amqplib");
const { Pool } = require("pg");
const { createClient } = require("redis");

const db = new Pool({ connectionString: process.env.DATABASE_URL });
const cache = createClient({ url: process.env.REDIS_URL });
let queue;

async function products() {
  const cached = await cache.get("products");
  if (cached) return cached;
  const { rows } = await db.query("SELECT id, name, price_cents, stock FROM products ORDER BY name");
  await cache.set("products", JSON.stringify(rows), { EX: 30 });
  return JSON.stringify(rows);
}

async function order(request) {
  let body = "";
  for await (const chunk of request) body += chunk;
  console.log("new order", body);
  const { email, items } = JSON.parse(body);
  const { rows } = await db.query("INSERT INTO orders (email, items) VALUES ($1, $2) RETURNING id", [
    email,
    JSON.stringify(items),
  ]);
  queue.sendToQueue("orders", Buffer.from(JSON.stringify({ id: rows[0].id, email })));
  return JSON.stringify({ id: rows[0].id });
}

async function start() {
  await cache.connect();
  const connection = await amqp.connect(process.env.AMQP_URL);
  queue = await connection.createChannel();
  await queue.assertQueue("orders");
  http
    .createServer(async (request, response) => {
      if (request.url === "/healthz") return response.end("ok");
      if (request.url === "/products") return response.end(await products());
      if (request.url === "/orders" && request.method === "POST") return response.end(await order(request));
      response.writeHead(404).end();
    })
    .listen(process.env.PORT || 3000);
}

start();
