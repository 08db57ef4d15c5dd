"""Notify: services, bindings, who is meant by a notification, and what each channel is handed."""
