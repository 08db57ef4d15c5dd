"""What becomes of webhooks on their way, where weather rules are in force; else never loaded."""
