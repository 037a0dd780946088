"""What a config really instantiates: every object, its class, its arguments and where each of them comes from."""
