//! What is known of products that people deploy.
