"""The server on several processes and machines, hosted by Ray Serve; needs the extra `cluster`."""
