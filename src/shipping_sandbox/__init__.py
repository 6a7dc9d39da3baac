"""Stand-ins for the outside services, met only over HTTP: for the demo, the tests and the load test.

Nothing of the product is imported here, so the sandbox cannot share the product's mistakes.
"""
