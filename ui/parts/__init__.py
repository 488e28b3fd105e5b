"""What several pages share: badges, tables, graphs, curves, words."""
