"""The bytes: a folder or S3, by URL; outputs appear whole or not at all."""
