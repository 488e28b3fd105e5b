"""What is asked for: the flow document, its checks, its templates, its text."""
