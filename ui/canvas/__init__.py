"""The canvas: flows are drawn in the browser with React Flow, and are documents here."""
