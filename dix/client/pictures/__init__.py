"""How flows, states and tables look: SVG and HTML, for notebooks and the dashboard."""
