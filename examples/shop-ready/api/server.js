const http = require("node:http");
const amqp = require("amqplib");
const { Pool } = require("pg");
const { createClient } = require("redis");

const LARGEST_ORDER = 64 * 1024;

const db = new Pool({ connectionString: process.env.DATABASE_URL, statement_timeout: 5000 });
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
  for await (const chunk of request) {
    body += chunk;
    if (body.length > LARGEST_ORDER) throw new Error("order too large");
  }
  const { email, items } = JSON.parse(body);
  const { rows } = await db.query("INSERT INTO orders (email, items) VALUES ($1, $2) RETURNING id", [
    email,
    JSON.stringify(items),
  ]);
  queue.sendToQueue("orders", Buffer.from(JSON.stringify({ id: rows[0].id, email })), { persistent: true });
  console.log("new order", rows[0].id);
  return JSON.stringify({ id: rows[0].id });
}

async function answer(request, response) {
  const route = `${request.method} ${request.url}`;
  try {
    if (route === "GET /healthz") return response.end("ok");
    if (route === "GET /readyz") return response.end((await db.query("SELECT 1")) && "ok");
    if (route === "GET /products") return response.end(await products());
    if (route === "POST /orders") return response.end(await order(request));
    response.writeHead(404).end();
  } catch (error) {
    console.error(route, error.message);
    response.writeHead(500).end();
  }
}

async function start() {
  await cache.connect();
  const connection = await amqp.connect(process.env.AMQP_URL);
  queue = await connection.createChannel();
  await queue.assertQueue("orders", { durable: true });
  const server = http.createServer(answer).listen(process.env.PORT || 3000);
  process.on("SIGTERM", () => server.close(() => process.exit(0)));
}

start();
