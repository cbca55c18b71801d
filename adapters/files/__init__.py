"""Files that people import: catalogues, interactions and histories, read into values of the domain."""
