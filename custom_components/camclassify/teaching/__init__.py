"""What the user taught: examples, and the classes learnt from them."""
