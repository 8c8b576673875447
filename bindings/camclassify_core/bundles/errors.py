"""What goes wrong with a bundle or a model, said so that the user knows what to do."""


class BundleError(Exception):
    """A model, a bundle or a download is unusable; the message says why and what to do."""
