"""Sends a mail for every new order."""

import json
import os
import pathlib
import signal
import smtplib
import sys
from email.message import EmailMessage

import pika
import psycopg

# Touched after every round: the liveness probe looks at its age.
HEARTBEAT = pathlib.Path("/tmp/heartbeat")


def send(order_id, recipient):
    message = EmailMessage()
    message["From"] = os.environ["MAIL_FROM"]
    message["To"] = recipient
    message["Subject"] = f"Your order {order_id}"
    message.set_content("Thank you! We are packing.")
    with smtplib.SMTP(os.environ["MAIL_HOST"], 587, timeout=10) as server:
        server.starttls()
        server.login(os.environ["MAIL_FROM"], os.environ["MAIL_PASSWORD"])
        server.send_message(message)


def handle(channel, method, body):
    order = json.loads(body)
    send(order["id"], order["email"])
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as db:
        db.execute("UPDATE orders SET mailed_at = now() WHERE id = %s", (order["id"],))
    channel.basic_ack(method.delivery_tag)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
    channel = connection.channel()
    channel.queue_declare("orders", durable=True)
    channel.basic_qos(prefetch_count=1)
    for method, _properties, body in channel.consume("orders", inactivity_timeout=5):
        HEARTBEAT.touch()
        if method:
            handle(channel, method, body)


if __name__ == "__main__":
    main()
