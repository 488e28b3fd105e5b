"""The facts: one DuckDB file, one owner, everyone else through the proxy."""
