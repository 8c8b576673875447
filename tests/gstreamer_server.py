"""An RTSP server of GStreamer's, run by Debian's own Python: each client sees a file from its beginning.

gstreamer_server.py PORT [--user NAME:PASSWORD] [--drop SHARE] [--shared] NAME=FILE...

With --shared, all clients of a name see the same at the same time.

It tells its port (any, if 0 was asked for) on standard output, and ends when standard input closes.
"""

import argparse
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

_PARSERS = {"h264": "h264parse", "h265": "h265parse"}


def _pipeline(file, drop):
    codec = "h265" if "h265" in file else "h264"
    pay = f"rtp{codec}pay pt=96"
    lossy = f"{pay} ! identity name=pay0 drop-probability={drop}"
    end = lossy if drop else f"{pay} name=pay0"
    return f"( filesrc location={file} ! qtdemux ! {_PARSERS[codec]} config-interval=-1 ! {end} )"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port")
    parser.add_argument("--user")
    parser.add_argument("--drop", type=float, default=0.0)
    parser.add_argument("--shared", action="store_true")
    parser.add_argument("clips", nargs="+")
    arguments = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(arguments.port)
    if arguments.user:
        auth = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "user")
        name, _, password = arguments.user.partition(":")
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(name, password), token)
        server.set_auth(auth)
    for clip in arguments.clips:
        name, _, file = clip.partition("=")
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(_pipeline(file, arguments.drop))
        factory.set_shared(arguments.shared)
        if arguments.user:
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role("user", "media.factory.access", True)
            permissions.add_permission_for_role("user", "media.factory.construct", True)
            factory.set_permissions(permissions)
        server.get_mount_points().add_factory(f"/{name}", factory)
    server.attach(None)
    loop = GLib.MainLoop()

    def wait():
        sys.stdin.read()
        loop.quit()

    threading.Thread(target=wait, daemon=True).start()
    print(server.get_bound_port(), flush=True)  # noqa: T201
    loop.run()


main()
