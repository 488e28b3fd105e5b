"""The dashboard: what people see, over HTTP only."""
