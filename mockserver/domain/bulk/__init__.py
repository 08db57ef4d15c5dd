"""The send request of the Communications API: `POST /v1/Messages`, checked and read.

`examine.examine` is the way in. Source: facts on Bulk Messaging, §3.2 to 3.6 and 3.14.
"""
