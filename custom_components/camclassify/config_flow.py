"""Set-up of the integration: the engine's options. Cameras are added in `camera_flow`."""

import os
from typing import Any, override

import probatio
from camclassify_core import CamClassifyError, EngineOptions
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
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
)

from .camera_flow import CameraSubentryFlow
from .camera_forms import class_selector
from .const import CONF_CLASSES, CONF_THREADS, DOMAIN, SUBENTRY_CAMERA
from .engine import SharedEngine, async_get_engine

DEFAULT_THREADS = max(1, min(4, (os.cpu_count() or 1) // 2))


def _schema(engine: SharedEngine) -> probatio.Schema:
    classes = engine.info.classes
    return probatio.Schema(
        {
            probatio.Required(CONF_THREADS, default=DEFAULT_THREADS): probatio.All(
                NumberSelector(
                    NumberSelectorConfig(
                        min=1, max=os.cpu_count() or 1, mode=NumberSelectorMode.SLIDER
                    )
                ),
                probatio.Coerce(int),
            ),
            probatio.Required(
                CONF_CLASSES, default=[info.name for info in classes if info.on_by_default]
            ): class_selector(classes),
        }
    )


class CamClassifyConfigFlow(ConfigFlow, domain=DOMAIN):
    """Start the engine, ask how it shall run, go on to the first camera."""

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow that changes the engine's options."""
        return CamClassifyOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
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
                return self.async_create_entry(title="CamClassify", data={}, options=user_input)
            errors[CONF_CLASSES] = "no_classes"
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(_schema(engine), user_input),
            errors=errors,
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
    """Change how the engine runs; applied live."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the engine's options."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        errors = {}
        if user_input is not None:
            if user_input[CONF_CLASSES]:
                return self.async_create_entry(data=user_input)
            errors[CONF_CLASSES] = "no_classes"
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                _schema(self.config_entry.runtime_data.engine),
                user_input or self.config_entry.options,
            ),
            errors=errors,
        )
