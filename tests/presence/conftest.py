"""Lets these tests import the presence package, also where Home Assistant is not installed."""

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
INTEGRATION = "custom_components.camclassify"

sys.path.insert(0, str(ROOT))
if find_spec("homeassistant") is None:
    package = ModuleType(INTEGRATION)
    package.__path__ = [str(ROOT / INTEGRATION.replace(".", "/"))]
    sys.modules[INTEGRATION] = package
