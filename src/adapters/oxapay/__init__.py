"""Oxapay behind our payment port: `gateway`, `transport`, and what they need."""
