"""The files around the code: what hassfest and the HACS action check, held here too."""

import ast
import json
import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import hass_frontend
import pytest
import yaml
from camclassify_core.bundle.places import default_bundle

from custom_components.camclassify import PLATFORMS
from custom_components.camclassify.names import BUNDLED_CLASSES
from custom_components.camclassify.presence.polygon import PolygonFault

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


def names_of_texts() -> list[Path]:
    """What may name a text: what troubles a stream is named by the package."""
    return [*sources(), ROOT / "bindings/camclassify_core/stream/live.py"]


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


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.stem)
def test_every_language_says_everything_with_the_same_placeholders(path: Path) -> None:
    english, other = texts(ENGLISH), texts(json.loads(path.read_text()))
    assert other.keys() == english.keys()
    for key, text in english.items():
        assert sorted(PLACEHOLDER.findall(other[key])) == sorted(PLACEHOLDER.findall(text)), key
        assert other[key].strip()


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


def calls(*names: str) -> list[ast.Call]:
    """Return the calls of functions, methods and classes whose names end like this."""
    return [
        call
        for path in sources()
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and (getattr(call.func, "id", "") or getattr(call.func, "attr", "")).endswith(names)
    ]


def first_arguments(*names: str) -> set[str]:
    """Return the texts that functions are called with first."""
    first = [call.args[0] for call in calls(*names) if call.args]
    return {str(each.value) for each in first if isinstance(each, ast.Constant)}


def keywords(name: str, *functions: str) -> set[str]:
    """Return the texts that functions are called with by a keyword."""
    given = [each for call in calls(*functions) for each in call.keywords if each.arg == name]
    return {str(each.value.value) for each in given if isinstance(each.value, ast.Constant)}


def test_every_exception_that_is_raised_has_its_text() -> None:
    raised = keywords("translation_key", "Error", "Unresolvable", "NotReady") | first_arguments(
        "TranslatedError"
    )
    raised |= first_arguments("invalid")
    reasons = first_arguments("SnapshotUnavailable", "ZoneError") | {*PolygonFault}
    assert {"not_loaded", "too_many_examples"} <= raised
    assert raised | reasons <= ENGLISH["exceptions"].keys()
    assert reasons <= ENGLISH["config_subentries"]["camera"]["error"].keys()


def test_every_end_of_a_flow_has_its_text() -> None:
    reasons = keywords("reason", "async_abort")
    flows = [ENGLISH["config"], ENGLISH["options"], ENGLISH["config_subentries"]["camera"]]
    flows += [issue["fix_flow"] for issue in ENGLISH["issues"].values() if "fix_flow" in issue]
    assert reasons == {reason for flow in flows for reason in flow.get("abort", ())}


def test_no_text_about_something_wrong_is_left_over() -> None:
    constants = {
        node.value
        for path in names_of_texts()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
    }
    assert ENGLISH["exceptions"].keys() <= constants
    assert ENGLISH["issues"].keys() <= constants
    for flow in (ENGLISH["config"], ENGLISH["options"], ENGLISH["config_subentries"]["camera"]):
        assert flow["error"].keys() <= constants


def test_every_field_of_a_form_is_explained() -> None:
    for flow in (ENGLISH["config"], ENGLISH["options"], ENGLISH["config_subentries"]["camera"]):
        for step in flow["step"].values():
            assert step.get("data", {}).keys() == step.get("data_description", {}).keys()


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.stem)
def test_pages_of_home_assistant_are_called_as_it_calls_them(path: Path) -> None:
    folder = Path(hass_frontend.__file__).parent / "static" / "translations"
    (general,) = folder.glob(f"{path.stem}-{'[0-9a-f]' * 32}.json")
    (config,) = folder.glob(f"config/{path.stem}-{'[0-9a-f]' * 32}.json")
    labels = json.loads(general.read_text()) | json.loads(config.read_text())
    settings, system = labels["panel.config"], labels["ui.panel.config.dashboard.system.main"]
    pages = {
        f"{settings} > {labels['ui.panel.config.dashboard.devices.main']}",
        f"{settings} > {system} > {labels['ui.panel.config.logs.caption']}",
        f"{settings} > {system} > {labels['ui.panel.config.repairs.caption']}",
    }
    named = [text for text in texts(json.loads(path.read_text())).values() if " > " in text]
    assert named
    for text in named:
        assert any(page in text for page in pages), text


@pytest.mark.parametrize("platform", PLATFORMS)
def test_no_platform_limits_how_many_entities_are_updated_at_once(platform: str) -> None:
    module = import_module(f"custom_components.camclassify.{platform}")
    assert module.PARALLEL_UPDATES == 0


def test_all_rules_of_the_quality_scale_are_accounted_for() -> None:
    rules = yaml.safe_load((INTEGRATION / "quality_scale.yaml").read_text())["rules"]
    assert len(rules) == 54
    for name, rule in rules.items():
        assert rule == "done" or (rule["status"] in ("done", "exempt") and rule["comment"]), name


def test_the_panel_says_nothing_but_what_is_translated() -> None:
    words = texts(ENGLISH["config_panel"])
    scripts = "\n".join(
        path.read_text() for path in (INTEGRATION / "panel" / "frontend").glob("*.js")
    )
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
