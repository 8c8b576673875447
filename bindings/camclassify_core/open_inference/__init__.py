"""The Open Inference Protocol over HTTP, for a server and for its clients. The standard library is enough."""
