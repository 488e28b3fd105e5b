"""Model versions: numbered, immutable, loaded without unpickling."""
