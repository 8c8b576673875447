"""Talks to a Home Assistant over its REST and websocket APIs, as its frontend does."""

import secrets
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import aiohttp

type Json = dict[str, Any]


class ApiError(Exception):
    """Home Assistant answered that it cannot do this."""


class Client:
    """A user's session; `token_file` keeps it for the next start."""

    def __init__(self, session: aiohttp.ClientSession, token_file: Path) -> None:
        self._session = session
        self._token_file = token_file
        self._token = ""

    @property
    def url(self) -> str:
        """Where Home Assistant is, without a slash at the end."""
        return str(self._session._base_url).rstrip("/")

    async def is_reachable(self) -> bool:
        """Tell whether Home Assistant can take a user's login."""
        try:
            async with self._session.get("/api/onboarding") as response:
                # There is no such view any more once a user exists.
                return response.status in (200, 404)
        except aiohttp.ClientError:
            return False

    async def log_in(self) -> None:
        """Create the user on the first start, or use the token of an earlier one."""
        if self._token_file.exists():
            self._token = self._token_file.read_text()
            return
        client_id = f"{self.url}/"
        user = {
            "client_id": client_id,
            "name": "Demo",
            "username": "demo",
            "password": secrets.token_urlsafe(),
            "language": "en",
        }
        code = (await self.post("/api/onboarding/users", user))["auth_code"]
        form = {"grant_type": "authorization_code", "code": code, "client_id": client_id}
        async with self._session.post("/auth/token", data=form) as response:
            self._token = (await response.json())["access_token"]
        self._token = await self.command(
            "auth/long_lived_access_token", client_name="demo", lifespan=365
        )
        self._token_file.touch(0o600)
        self._token_file.write_text(self._token)

    async def get(self, path: str) -> Any:
        """Read a resource."""
        async with self._session.get(path, headers=self._headers) as response:
            return await self._answer(response)

    async def picture(self, path: str) -> bytes:
        """Read a picture."""
        async with self._session.get(path, headers=self._headers) as response:
            if response.status != 200:
                raise ApiError(f"{path}: {response.status}")
            return await response.read()

    async def post(self, path: str, data: Json) -> Any:
        """Send a JSON document."""
        async with self._session.post(path, json=data, headers=self._headers) as response:
            return await self._answer(response)

    async def state(self) -> str:
        """Return how far Home Assistant has started: RUNNING in the end."""
        return str((await self.get("/api/config"))["state"])

    async def entity_state(self, entity_id: str) -> str | None:
        """Return the state of an entity, None if there is no such entity."""
        for state in await self.get("/api/states"):
            if state["entity_id"] == entity_id:
                return str(state["state"])
        return None

    async def command(self, command: str, **data: object) -> Any:
        """Give a websocket command and return its result."""
        async with self._session.ws_connect("/api/websocket") as socket:
            await self._authenticate(socket)
            await socket.send_json({"id": 1, "type": command, **data})
            return self._result(await socket.receive_json(timeout=30))

    async def events(self, *types: str) -> AsyncGenerator[Json]:
        """Yield the events of these types; an empty item says that all of them are listened to."""
        async with self._session.ws_connect("/api/websocket") as socket:
            await self._authenticate(socket)
            for number, kind in enumerate(types, start=1):
                await socket.send_json(
                    {"id": number, "type": "subscribe_events", "event_type": kind}
                )
            async for message in socket:
                answer = message.json()
                if answer["type"] == "event":
                    yield answer["event"]
                    continue
                self._result(answer)
                if answer["id"] == len(types):
                    yield {}

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    async def _authenticate(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        await socket.receive_json(timeout=30)
        await socket.send_json({"type": "auth", "access_token": self._token})
        if (await socket.receive_json(timeout=30))["type"] != "auth_ok":
            raise ApiError("Home Assistant refused the login")

    @staticmethod
    def _result(message: Json) -> Any:
        if not message["success"]:
            raise ApiError(message["error"]["message"])
        return message["result"]

    @staticmethod
    async def _answer(response: aiohttp.ClientResponse) -> Any:
        if response.status >= 400:
            raise ApiError(f"{response.url.path}: {response.status} {await response.text()}")
        return await response.json()
