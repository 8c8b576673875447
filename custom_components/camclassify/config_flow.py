"""Set-up of the integration: where the engine is, and its options. Cameras are added in `flow`."""

from typing import Any, override

import probatio
from camclassify_core import CamClassifyError, EngineOptions, OnnxRuntimeMissing
from camclassify_core.cores import default_lanes, usable_cores
from camclassify_core.options import MOST_LANES
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
    SubentryFlowContext,
)
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .const import (
    CONF_BUNDLE,
    CONF_CLASSES,
    CONF_CPU_BUDGET,
    CONF_ENGINE,
    CONF_KEEP_COUNT,
    CONF_KEEP_DAYS,
    CONF_SERVER,
    CONF_THREADS,
    DEFAULT_CPU_BUDGET,
    DEFAULT_KEEP_COUNT,
    DEFAULT_KEEP_DAYS,
    DOMAIN,
    ENGINE_SERVER,
    SUBENTRY_CAMERA,
)
from .engine.bundles import (
    DEFAULT_BUNDLE,
    TRIAL_SECONDS,
    async_try_bundle,
    bundle_folder,
    bundle_path,
    list_bundles,
)
from .engine.onnxruntime_wheel import async_get_installation
from .engine.shared import SharedEngine, async_get_engine
from .flow.forms import Fields, class_selector
from .flow.server_form import (
    ServerTrial,
    async_try_server,
    chosen_engine,
    engine_field,
    server_schema,
    shown,
)
from .flow.subentry import CameraSubentryFlow
from .home import CamClassifyConfigEntry

CORES = usable_cores()
DEFAULT_THREADS = default_lanes()


def _engine_fields(engine: SharedEngine) -> Fields:
    classes = engine.classes
    return {
        **engine_field(),
        probatio.Required(CONF_THREADS, default=DEFAULT_THREADS): _slider(
            1, min(CORES, MOST_LANES)
        ),
        probatio.Required(
            CONF_CLASSES, default=[info.name for info in classes if info.on_by_default]
        ): class_selector(classes),
    }


def _option_fields(engine: SharedEngine, bundles: list[str]) -> Fields:
    return {
        **_engine_fields(engine),
        probatio.Required(CONF_CPU_BUDGET, default=DEFAULT_CPU_BUDGET): _slider(
            10, 100 * CORES, "%"
        ),
        probatio.Required(CONF_KEEP_DAYS, default=DEFAULT_KEEP_DAYS): _slider(1, 90),
        probatio.Required(CONF_KEEP_COUNT, default=DEFAULT_KEEP_COUNT): _slider(10, 5000),
        probatio.Required(CONF_BUNDLE, default=DEFAULT_BUNDLE): SelectSelector(
            SelectSelectorConfig(
                options=[DEFAULT_BUNDLE, *bundles],
                mode=SelectSelectorMode.DROPDOWN,
                translation_key="bundle",
            )
        ),
    }


def _slider(low: int, high: int, unit: str | None = None) -> Any:
    config = NumberSelectorConfig(min=low, max=high, mode=NumberSelectorMode.SLIDER)
    if unit:
        config["unit_of_measurement"] = unit
    return probatio.All(NumberSelector(config), probatio.Coerce(int))


class CamClassifyConfigFlow(ConfigFlow, domain=DOMAIN):
    """Start the engine, ask how it shall run, go on to the first camera."""

    MINOR_VERSION = 3

    def __init__(self) -> None:
        """Know nothing of what the user wants."""
        self._wanted: dict[str, Any] = {}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: CamClassifyConfigEntry) -> OptionsFlow:
        """Return the flow that changes the engine's options."""
        return CamClassifyOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: CamClassifyConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the kinds of things that can be added."""
        return {SUBENTRY_CAMERA: CameraSubentryFlow}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Start the engine, which proves that it runs here, and ask for its options."""
        engine = async_get_engine(self.hass)
        if not engine.started:
            try:
                await engine.async_start(EngineOptions())
            except CamClassifyError as error:
                return self.async_abort(
                    reason="engine_unavailable", description_placeholders={"error": str(error)}
                )
        errors = {}
        if user_input is not None:
            if user_input[CONF_CLASSES]:
                self._wanted = {**user_input}
                if self._wanted.pop(CONF_ENGINE) == ENGINE_SERVER:
                    return await self.async_step_server()
                return self.async_create_entry(title="CamClassify", data={}, options=self._wanted)
            errors[CONF_CLASSES] = "no_classes"
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(_engine_fields(engine)), user_input
            ),
            errors=errors,
        )

    async def async_step_server(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the server is, and have it look at a picture."""
        trial = ServerTrial({}, {})
        if user_input is not None:
            trial = await async_try_server(self.hass, user_input, {})
            if not trial.errors:
                options = self._wanted | {CONF_SERVER: trial.server}
                return self.async_create_entry(title="CamClassify", data={}, options=options)
        return self.async_show_form(
            step_id="server",
            data_schema=self.add_suggested_values_to_schema(server_schema(), user_input),
            errors=trial.errors,
            description_placeholders=trial.placeholders,
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go straight on to the first camera."""
        entry = result["result"]
        if entry.state is ConfigEntryState.LOADED:
            camera_flow = await self.hass.config_entries.subentries.async_init(
                (entry.entry_id, SUBENTRY_CAMERA),
                context=SubentryFlowContext(source=SOURCE_USER),
            )
            result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, camera_flow["flow_id"])
        return result

    @callback
    @override
    def async_remove(self) -> None:
        """Stop the engine if the user gave up."""
        if not self.hass.config_entries.async_entries(DOMAIN):
            self.hass.async_create_task(async_get_engine(self.hass).async_stop())


class CamClassifyOptionsFlow(OptionsFlow):
    """Change where the engine is and how it runs; applied live."""

    def __init__(self) -> None:
        """Know nothing of what the user wants."""
        self._wanted: dict[str, Any] = {}

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the engine's options."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        engine = self.config_entry.runtime_data.engine
        folder = bundle_folder(self.hass)
        bundles = await self.hass.async_add_executor_job(list_bundles, folder)
        errors = {}
        placeholders = {"folder": str(folder), "error": "", "seconds": f"{TRIAL_SECONDS:.0f}"}
        if user_input is not None:
            if not user_input[CONF_CLASSES]:
                errors[CONF_CLASSES] = "no_classes"
            elif fault := await self._async_try_bundle(user_input[CONF_BUNDLE]):
                errors[CONF_BUNDLE], placeholders["error"] = fault
            else:
                self._wanted = {**user_input}
                if self._wanted.pop(CONF_ENGINE) == ENGINE_SERVER:
                    return await self.async_step_server()
                return self.async_create_entry(data=self._wanted)
        options = self.config_entry.options
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(_option_fields(engine, bundles)),
                user_input or {**options, CONF_ENGINE: chosen_engine(options)},
            ),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def async_step_server(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the server is, and have it look at a picture."""
        options = self.config_entry.options
        trial = ServerTrial({}, {})
        if user_input is not None:
            trial = await async_try_server(self.hass, user_input, options.get(CONF_SERVER, {}))
            if not trial.errors:
                return self.async_create_entry(data=self._wanted | {CONF_SERVER: trial.server})
        return self.async_show_form(
            step_id="server",
            data_schema=self.add_suggested_values_to_schema(
                server_schema(), user_input or shown(options)
            ),
            errors=trial.errors,
            description_placeholders=trial.placeholders,
        )

    async def _async_try_bundle(self, name: str) -> tuple[str, str] | None:
        """Load another bundle before it is accepted; return the key and the text of what is wrong."""
        if name == self.config_entry.options.get(CONF_BUNDLE, DEFAULT_BUNDLE):
            return None
        try:
            await async_try_bundle(bundle_path(self.hass, name))
        except TimeoutError:
            return "bundle_slow", ""
        except OnnxRuntimeMissing as error:
            installable = async_get_installation(self.hass).possible
            return None if installable else ("bundle_broken", str(error))
        except CamClassifyError as error:
            return "bundle_broken", str(error)
        return None
