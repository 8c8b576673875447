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


class ProtocolViolation(RequestError):
    """A message of the Open Inference Protocol that is not as the protocol, or the model, wants it."""


class Unauthorized(CamClassifyError):
    """The server knows no home with this token."""


class UnknownModel(CamClassifyError):
    """The server has no model of this name, or not in this version."""


class LessonsMissing(CamClassifyError):
    """The server does not hold what this home was taught: tell it, and ask again."""


class TooLarge(CamClassifyError):
    """A request is larger than the server takes from this home."""


class TooMany(CamClassifyError):
    """A home asks more, or for more cameras, than the server allows it."""


class Deadline(CamClassifyError):
    """The server had no answer in time."""
