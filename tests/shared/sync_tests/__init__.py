"""What the tests of several packages share; nothing but tests imports it."""
