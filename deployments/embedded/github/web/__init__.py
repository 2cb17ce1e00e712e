"""Requests and answers, without knowing what they are about."""
