"""Pellucid: small neural networks that can be seen through."""
