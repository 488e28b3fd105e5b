"""The user's own script: how it is called, what it finds around it, what is made of what it leaves."""
