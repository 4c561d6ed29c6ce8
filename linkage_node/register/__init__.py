"""The pseudonymised clients at rest, loading and removing them."""
