"""What more than one stand-in is made of; it knows none of them."""
