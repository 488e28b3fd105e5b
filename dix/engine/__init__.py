"""When and where each node of a run is done."""
