"""What the mock costs, as ratios against a bare aiohttp handler measured in the same run."""
