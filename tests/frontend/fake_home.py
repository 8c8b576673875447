"""A home as the panel knows it: it answers commands, and remembers what it was asked."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from playwright.sync_api import Dialog, Page, expect

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "custom_components/camclassify"
PICTURE = "/demo/footage/driveway/01.jpg"

type Json = dict[str, Any]


def translations(language: str) -> dict[str, str]:
    """Return all texts of the integration under the keys by which the frontend looks them up."""
    file = COMPONENT / "translations" / f"{language}.json"
    texts: dict[str, str] = {}

    def add(key: str, value: str | Json) -> None:
        if isinstance(value, str):
            texts[key] = value
            return
        for name, each in value.items():
            add(f"{key}.{name}", each)

    add("component.camclassify", json.loads(file.read_text()))
    return texts


def camera(name: str, **settings: Any) -> Json:
    """Return a camera without zones that looks for persons and cars."""
    return {
        "id": name.lower(),
        "name": name,
        "device": f"device of {name}",
        "picture": PICTURE,
        "classes": ["person", "car"],
        "zones": [],
        "masks": [],
        "thresholds": {},
        "view": 0,
        "turns": False,
        **settings,
    }


def snapshot(number: int, class_name: str = "person", **settings: Any) -> Json:
    """Return a kept snapshot with one object in the middle; later numbers are newer."""
    return {
        "id": f"snapshot{number}",
        "class": class_name,
        "zone": "",
        "score": 0.9,
        "box": [0.4, 0.4, 0.6, 0.6],
        "proposals": [],
        "regime": "day",
        "taken_at": 1_790_000_000 + number,
        "media": f"media-source://camclassify/snapshot{number}",
        "picture": PICTURE,
        "plain_picture": PICTURE,
        **settings,
    }


class FakeHome:
    """What is in the home, to be changed before `open` or while the page is shown."""

    def __init__(self, page: Page, address: str) -> None:
        """Have a page in which nothing is opened yet, and the address of this repository's files."""
        self.page = page
        self.address = address
        self.language = "en"
        self.texts = translations("en")
        self.classes: list[Json] = [
            {"name": name, "threshold": {"day": 0.5, "dusk": 0.45, "night": 0.4}}
            for name in ("person", "car", "delivery_truck")
        ]
        self.cameras = [camera("Driveway")]
        self.snapshots: list[Json] = []
        self.detections: list[Json] = []
        self.taught: list[Json] = []
        self.examples: list[Json] = []
        self.problems: dict[str, Json] = {}  # by command or action
        self.asked: list[Json] = []
        self.agrees = True
        self.questions: list[str] = []
        page.on("dialog", self._decide)
        page.expose_function("answer", self._answer)
        page.expose_function("language", self._language)

    def open(self) -> Page:
        """Show the panel's first page."""
        self.page.goto(f"{self.address}/tests/frontend/home.html")
        # Each page is complete at once; what stands there otherwise is an alert.
        shown = self.page.locator("camclassify-zones, main")
        expect(shown).to_be_attached()
        return self.page

    def all(self, command: str) -> list[Json]:
        """Return every message so far that gave a command or an action."""
        return [message for message in self.asked if _name(message) == command]

    def tell(self, topic: str, content: Json) -> None:
        """Send to those who subscribed."""
        self.page.evaluate(
            "([topic, content]) => void window.subscriptions.get(topic)(content)", [topic, content]
        )

    def subscriptions(self) -> list[str]:
        """Return the topics that the page listens to now."""
        topics: list[str] = self.page.evaluate("[...window.subscriptions.keys()]")
        return topics

    def see(
        self,
        *objects: Json,
        camera: str = "driveway",
        available: bool = True,
        looked_at: Json | None = None,
        view: int | None = 0,
        turns: bool = False,
    ) -> None:
        """Have a camera take a look, and wait until its picture is shown."""
        look = {
            "available": available,
            "regime": "day",
            "size": [1920, 1080],
            "objects": objects,
            "looked_at": looked_at,
            "view": view,
            "turns": turns,
        }
        self.tell(f"camclassify/subscribe {camera}", look)
        if available:
            expect(self.page.locator(".stage svg")).to_have_attribute("viewBox", "0 0 1000 562.5")

    def _decide(self, dialog: Dialog) -> None:
        self.questions.append(dialog.message)
        if self.agrees:
            dialog.accept()
        else:
            dialog.dismiss()

    def _language(self) -> Json:
        return {"language": self.language, "texts": self.texts}

    def _answer(self, message: Json) -> Json:
        self.asked.append(message)
        name = _name(message)
        if name in self.problems:
            return {"problem": self.problems[name]}
        result = self._result(name, message)
        return {"result": {"response": result} if "service" in message else result}

    def _result(self, name: str, message: Json) -> Any:
        match name:
            case "cameras":
                return {"classes": self.classes, "cameras": self.cameras}
            case "zones/save":
                return self._saved(message)
            case "snapshots":
                wanted = [
                    each for each in self.snapshots if message.get("class") in (None, each["class"])
                ]
                return {
                    "classes": sorted({each["class"] for each in self.snapshots}),
                    "snapshots": wanted[message["skip"] :][: message["limit"]],
                    "total": len(wanted),
                }
            case "examples":
                return {"classes": self.taught, "examples": self.examples}
            case "examples/export":
                return [{"exported": True}]
            case "classify":
                return {"detections": self.detections}
            case "save_snapshot":
                self.snapshots.insert(0, snapshot(1000))
                return {"snapshot_id": "snapshot1000"}
            case "forget":
                self._forget(message["service_data"]["name"])
                return {}
            case "examples/import" | "teach":
                return {}
        raise AssertionError(f"the panel asked for what there is not: {message}")

    def _forget(self, name: str) -> None:
        """Forget a class or one example."""
        self.taught = [each for each in self.taught if each["name"] != name]
        self.examples = [each for each in self.examples if name not in (each["name"], each["id"])]

    def _saved(self, message: Json) -> Json:
        """Keep a camera's zones, and give those that are new an id."""
        kept = {key: deepcopy(message[key]) for key in ("zones", "masks", "thresholds")}
        for number, zone in enumerate(kept["zones"]):
            zone.setdefault("id", f"zone{number}")
        next(each for each in self.cameras if each["id"] == message["camera"]).update(kept)
        return kept


def _name(message: Json) -> str:
    name: str = message.get("service") or message["type"].removeprefix("camclassify/")
    return name
