"""The editor of a flow: what the canvas asks, what it is answered, and what stands below it."""
