"""What is remembered: runs, steps, models, endpoints, as plain frozen facts."""
