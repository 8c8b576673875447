"""A camera's stream: read by a process of its own, which hands its newest frame to the worker.

`live.py` is for who wants the frames, `reading.py` what that process does; `shared_frames.py` is between
the reader and the worker, without anybody in between. Native code is loaded by the reader only.
"""
