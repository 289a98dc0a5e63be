"""Sends a mail for every new order."""

import json
import os
import smtplib
from email.message import EmailMessage

import pika
import psycopg


def send(order_id, recipient):
    message = EmailMessage()
    message["From"] = os.environ["MAIL_FROM"]
    message["To"] = recipient
    message["Subject"] = f"Your order {order_id}"
    message.set_content("Thank you! We are packing.")
    with smtplib.SMTP(os.environ.get("MAIL_HOST", "mail")) as server:
        server.login(os.environ["MAIL_FROM"], os.environ["MAIL_PASSWORD"])
        server.send_message(message)


def handle(channel, method, _properties, body):
    order = json.loads(body)
    send(order["id"], order["email"])
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        db.execute("UPDATE orders SET mailed_at = now() WHERE id = %s", (order["id"],))
    channel.basic_ack(method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
    channel = connection.channel()
    channel.queue_declare("orders")
    channel.basic_consume("orders", handle)
    channel.start_consuming()


if __name__ == "__main__":
    main()
