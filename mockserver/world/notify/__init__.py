"""The commands and tables of Notify. A service's bindings and users are tables of their own."""
