"""Setting the program up on a fresh machine and packing it for shops."""
