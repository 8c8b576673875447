"""What can go wrong. Every message is a sentence for the user: what is wrong and what to do."""


class CamClassifyError(Exception):
    """The input or the machine is at fault."""


class RequestError(CamClassifyError):
    """A request asks for what cannot be: a number is not finite or out of range, or of another kind."""


class SnapshotError(CamClassifyError):
    """The snapshot cannot be decoded: truncated, not a JPEG, PNG or WebP, larger than allowed."""


class BundleError(CamClassifyError):
    """The bundle or one of its networks is malformed or missing."""


class OnnxRuntimeMissing(CamClassifyError):
    """A network has ops that only ONNX Runtime can run, and it is not installed."""


class UnsupportedProcessor(CamClassifyError):
    """The processor lacks instructions that the kernels need: nothing can run on it."""


class ExampleError(CamClassifyError):
    """An example, or a set of them, that nothing can be learnt from."""


class EngineUnavailable(CamClassifyError):
    """The worker is not running at the moment; it is restarted in the background."""


class Superseded(CamClassifyError):
    """A newer snapshot of the same camera came before this one's turn."""
