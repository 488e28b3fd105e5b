"""The client again, for programs with an event loop: `dix.connect_async()`."""
