"""How a net is trained and asked, one room for each framework."""
