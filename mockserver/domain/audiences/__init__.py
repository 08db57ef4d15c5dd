"""People who are known beforehand: profiles with traits, in blocks; and rows that tell of them.

Source: Memory's profiles (`POST /v1/Stores/{storeId}/Profiles`), the Communications API's
personalization guide. The shapes that come in are ours where they differ.
"""
