"""Take what an mmengine config really builds, and nothing else, as a package that stands alone."""
