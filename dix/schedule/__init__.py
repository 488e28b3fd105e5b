"""When runs begin without anybody starting them: by the clock, by events, and again for the past."""
