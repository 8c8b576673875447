"""Fixes for the repair issues."""

import probatio
from camclassify_core import CamClassifyError
from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    FlowType,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    SubentryFlowContext,
)
from homeassistant.core import HomeAssistant

from .const import CONF_BUNDLE, CONF_MASKS, CONF_VIEW, CONF_ZONES, DOMAIN, SUBENTRY_CAMERA
from .engine.bundles import DEFAULT_BUNDLE
from .engine.shared import async_get_engine
from .home import CamClassifyConfigEntry
from .issues import (
    CAMERA_ISSUES,
    ISSUE_BUNDLE_BROKEN,
    ISSUE_ENGINE_FAILING,
    ISSUE_ONNXRUNTIME_MISSING,
    ISSUE_STORE_DAMAGED,
    ISSUE_ZONES_REST,
)

BUNDLE_ISSUES = frozenset({ISSUE_BUNDLE_BROKEN, ISSUE_ONNXRUNTIME_MISSING})

type IssueData = dict[str, str | int | float | None]


class CameraRepairFlow(RepairsFlow):
    """Leads on to the form in which the camera can be changed."""

    def __init__(self, data: IssueData) -> None:
        """Repair one camera."""
        self._subentry_id = str(data["subentry_id"])
        self._placeholders = {key: str(value) for key, value in data.items()}

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Go on to the camera's form when the user agrees."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=probatio.Schema({}),
                description_placeholders=self._placeholders,
            )
        entry = _entry(self.hass)
        if entry is None or self._subentry_id not in entry.subentries:
            return self.async_create_entry(data={})
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        flow = await self.hass.config_entries.subentries.async_init(
            (entry.entry_id, SUBENTRY_CAMERA),
            context=SubentryFlowContext(source=SOURCE_RECONFIGURE, subentry_id=self._subentry_id),
        )
        return self.async_create_entry(
            data={}, next_flow=(FlowType.CONFIG_SUBENTRIES_FLOW, flow["flow_id"])
        )


class ZonesRepairFlow(ConfirmRepairFlow):
    """Lets the zones and masks of a camera hold whatever it shows."""

    def __init__(self, data: IssueData) -> None:
        """Repair one camera."""
        self._subentry_id = str(data["subentry_id"])

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Take the views off when the user agrees."""
        if user_input is None:
            return await super().async_step_confirm(user_input)
        if (entry := _entry(self.hass)) and (subentry := entry.subentries.get(self._subentry_id)):
            unbound = {
                shapes: [
                    {key: value for key, value in shape.items() if key != CONF_VIEW}
                    for shape in subentry.data.get(shapes, ())
                ]
                for shapes in (CONF_ZONES, CONF_MASKS)
            }
            self.hass.config_entries.async_update_subentry(
                entry, subentry, data={**subentry.data, **unbound}
            )
        return self.async_create_entry(data={})


class EngineRepairFlow(ConfirmRepairFlow):
    """Starts the engine again; a broken bundle of one's own gives way to the default one."""

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Try when the user agrees."""
        if user_input is None:
            return await super().async_step_confirm(user_input)
        if (entry := _entry(self.hass)) is None:
            return self.async_create_entry(data={})
        engine = async_get_engine(self.hass)
        if self.issue_id in BUNDLE_ISSUES:
            self.hass.config_entries.async_update_entry(
                entry, options={**entry.options, CONF_BUNDLE: DEFAULT_BUNDLE}
            )
        if entry.state is ConfigEntryState.LOADED and engine.started:
            try:
                if self.issue_id == ISSUE_ENGINE_FAILING:
                    await engine.async_restart()
                await entry.runtime_data.async_start_engine()
            except CamClassifyError as error:
                return self.async_abort(
                    reason="still_failing", description_placeholders={"error": str(error)}
                )
            await entry.runtime_data.async_sync()
            return self.async_create_entry(data={})
        if not await self.hass.config_entries.async_reload(entry.entry_id):
            return self.async_abort(
                reason="still_failing", description_placeholders={"error": entry.reason or ""}
            )
        return self.async_create_entry(data={})


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: IssueData | None
) -> RepairsFlow:
    """Return the flow that fixes an issue."""
    if data and issue_id.startswith(ISSUE_ZONES_REST):
        return ZonesRepairFlow(data)
    if data and issue_id.startswith(CAMERA_ISSUES):
        return CameraRepairFlow(data)
    if issue_id.startswith(ISSUE_STORE_DAMAGED):
        return ConfirmRepairFlow()
    return EngineRepairFlow()


def _entry(hass: HomeAssistant) -> CamClassifyConfigEntry | None:
    """Return the config entry; it may have been removed while the fix was open."""
    return next(iter(hass.config_entries.async_entries(DOMAIN)), None)
