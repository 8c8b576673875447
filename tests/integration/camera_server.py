"""A camera with a web server that behaves as badly as a test wants."""

import asyncio
import hashlib
import re

from aiohttp import web

from .fake_engine import snapshot

USERNAME, PASSWORD = "me", "secret"
REALM, NONCE = "camera", "4711"


class CameraServer:
    """Serves /snapshot.jpg; a test changes its attributes."""

    def __init__(self) -> None:
        self.url = ""
        self.body = snapshot()
        self.status = 200
        self.authentication = "none"
        self.hang = False
        self.endless = False
        self.asked = 0
        self.sent = 0

    def app(self) -> web.Application:
        """Return the web application."""
        app = web.Application()
        app.router.add_get("/snapshot.jpg", self._get)
        return app

    async def _get(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        if self.hang:
            await asyncio.sleep(60)
        if not self._is_authorized(request.headers.get("Authorization", "")):
            challenge = {
                "basic": f'Basic realm="{REALM}"',
                "digest": f'Digest realm="{REALM}", nonce="{NONCE}", qop="auth"',
            }[self.authentication]
            return web.Response(status=401, headers={"WWW-Authenticate": challenge})
        if self.endless:
            return await self._send_for_ever(request)
        return web.Response(status=self.status, body=self.body)

    async def _send_for_ever(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        chunk = self.body + bytes(1024 * 1024)
        try:
            while True:
                await response.write(chunk)
                self.sent += len(chunk)
        except ConnectionResetError:
            return response

    def _is_authorized(self, header: str) -> bool:
        if self.authentication == "none":
            return True
        if self.authentication == "basic":
            return header == "Basic bWU6c2VjcmV0"
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', header))
        if "response" not in given:
            return False

        def md5(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()

        ha1 = md5(f"{USERNAME}:{REALM}:{PASSWORD}")
        ha2 = md5(f"GET:{given['uri']}")
        expected = md5(f"{ha1}:{NONCE}:{given['nc']}:{given['cnonce']}:{given['qop']}:{ha2}")
        return str(given["response"]) == expected
