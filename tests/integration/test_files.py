"""The files around the code: what hassfest and the HACS action check, held here too."""

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from camclassify_core.bundles import default_bundle

from custom_components.camclassify.names import BUNDLED_CLASSES

ROOT = Path(__file__).parents[2]
INTEGRATION = ROOT / "custom_components" / "camclassify"
TRANSLATIONS = sorted((INTEGRATION / "translations").glob("*.json"))
ENGLISH = json.loads((INTEGRATION / "translations" / "en.json").read_text())
ICONS = json.loads((INTEGRATION / "icons.json").read_text())
PLACEHOLDER = re.compile(r"{\w+}")


def texts(node: Any, path: str = "") -> dict[str, str]:
    """Flatten a translation file."""
    if isinstance(node, str):
        return {path: node}
    return {
        key: text
        for name, child in node.items()
        for key, text in texts(child, f"{path}/{name}").items()
    }


def sources() -> list[Path]:
    return sorted(INTEGRATION.rglob("*.py"))


def test_the_manifest_asks_for_the_wheel_of_this_repository() -> None:
    manifest = json.loads((INTEGRATION / "manifest.json").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert manifest["requirements"] == [f"{project['name']}=={project['version']}"]
    assert manifest["version"] == project["version"]
    required = {"domain", "name", "version", "documentation", "issue_tracker", "codeowners"}
    assert required <= manifest.keys()
    ordered = ["domain", "name", *sorted(manifest.keys() - {"domain", "name"})]
    assert list(manifest) == ordered
    assert not any("onnxruntime" in each for each in project["dependencies"])


def test_hacs_knows_the_oldest_home_assistant() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs["name"] == "CamClassify"
    assert hacs["homeassistant"] == "2026.10.0"


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.stem)
def test_every_language_says_everything_with_the_same_placeholders(path: Path) -> None:
    english, other = texts(ENGLISH), texts(json.loads(path.read_text()))
    assert other.keys() == english.keys()
    for key, text in english.items():
        assert sorted(PLACEHOLDER.findall(other[key])) == sorted(PLACEHOLDER.findall(text)), key
        assert other[key].strip()


def test_five_languages_are_spoken() -> None:
    assert [path.stem for path in TRANSLATIONS] == ["de", "en", "es", "fr", "nl"]


def test_the_classes_with_translated_names_are_those_of_the_default_bundle() -> None:
    bundle = json.loads((default_bundle() / "bundle.json").read_text())
    assert {each["name"] for each in bundle["classes"]} == BUNDLED_CLASSES
    assert ENGLISH["selector"]["class"]["options"].keys() == BUNDLED_CLASSES
    in_zones = {f"zone_{name}" for name in BUNDLED_CLASSES}
    assert ENGLISH["entity"]["binary_sensor"].keys() == BUNDLED_CLASSES | in_zones
    states = ENGLISH["entity"]["event"]["arrivals_and_departures"]["state_attributes"]
    assert states["event_type"]["state"].keys() == {
        f"{name}_{kind}" for name in BUNDLED_CLASSES for kind in ("arrived", "left")
    }


def test_every_entity_with_a_translation_has_an_icon() -> None:
    for platform, entities in ENGLISH["entity"].items():
        assert entities.keys() == ICONS["entity"][platform].keys(), platform


def test_every_action_has_its_texts_and_its_icon() -> None:
    actions = yaml.safe_load((INTEGRATION / "services.yaml").read_text())
    assert actions.keys() == ENGLISH["services"].keys() == ICONS["services"].keys()
    for name, action in actions.items():
        assert action["fields"].keys() == ENGLISH["services"][name]["fields"].keys()


def test_every_exception_that_is_raised_has_its_text() -> None:
    raised = {
        key
        for path in sources()
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        for name in [getattr(call.func, "id", "")]
        if name.endswith(("Error", "Unresolvable", "NotReady", "Unavailable"))
        for keyword in call.keywords
        if keyword.arg == "translation_key" and isinstance(keyword.value, ast.Constant)
        for key in [keyword.value.value]
    }
    reasons = {
        call.args[0].value
        for path in sources()
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") in ("SnapshotUnavailable", "ZoneError")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    assert raised
    assert raised | reasons <= ENGLISH["exceptions"].keys()
    assert reasons <= ENGLISH["config_subentries"]["camera"]["error"].keys()


def test_every_error_says_what_to_do() -> None:
    errors = {
        key: text
        for key, text in texts(ENGLISH).items()
        if "/error/" in key or "/abort/" in key or key.startswith("/exceptions/")
    }
    for key, text in errors.items():
        # What is wrong and what to do: two sentences, or one that asks for something.
        asks = text.startswith(("Choose", "Give", "Leave")) or " must " in text
        assert asks or re.search(r"[.:;}] [A-Z]", text.partition(": ")[2] or text), (key, text)


def test_all_rules_of_the_quality_scale_are_accounted_for() -> None:
    rules = yaml.safe_load((INTEGRATION / "quality_scale.yaml").read_text())["rules"]
    assert len(rules) == 54
    for name, rule in rules.items():
        assert rule == "done" or (rule["status"] == "exempt" and rule["comment"]), name


def test_files_stay_small() -> None:
    files = [*sources(), *(INTEGRATION / "frontend").glob("*.js")]
    lengths = sorted(len(path.read_text().splitlines()) for path in files)
    assert lengths[len(lengths) // 2] <= 100
    assert lengths[-1] <= 400


def test_the_panel_says_nothing_but_what_is_translated() -> None:
    words = texts(ENGLISH["config_panel"])
    scripts = "\n".join(path.read_text() for path in (INTEGRATION / "frontend").glob("*.js"))
    groups = "|".join(ENGLISH["config_panel"])
    said = set(re.findall(rf'"((?:{groups})\.\w+)"', scripts))
    said = {f"/{key.replace('.', '/')}" for key in said}
    assert said
    assert said <= words.keys()
    computed = {key for key in words if key.startswith("/regimes/") or key.endswith("/tab")}
    assert words.keys() == said | computed


def test_the_icon_is_a_square_png() -> None:
    for name, size in (("icon.png", 256), ("icon@2x.png", 512)):
        head = (INTEGRATION / "brand" / name).read_bytes()[:24]
        assert head.startswith(b"\x89PNG")
        assert int.from_bytes(head[16:20]) == int.from_bytes(head[20:24]) == size
