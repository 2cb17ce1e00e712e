"""AWS as typed methods: frozen facts out, a small set of failures. `account.Aws` is where to begin.

Importing this package does not import boto3; `account` does, so that errors can be named cheaply.
"""
