"""Adding and changing cameras: each shows a classified test snapshot before it is accepted."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, override

import probatio
from camclassify_core.stream.live import can_read_streams
from camclassify_core.stream.stream_address import is_surely_a_stream
from homeassistant.components.http.auth import async_sign_path
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_ENTITY_ID, CONF_NAME, CONF_PASSWORD, CONF_URL
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    TextSelector,
    TextSelectorConfig,
)

from ..camera.linked import async_linked_now, async_linked_to_keep
from ..camera.picture import SnapshotUnavailable
from ..camera.source import async_source_device
from ..camera.zones import (
    ZoneError,
    checked_zones,
    masks_from_text,
    masks_to_text,
    zones_from_text,
    zones_to_text,
)
from ..const import (
    CONF_CLASSES,
    CONF_LINKED,
    CONF_MASKS,
    CONF_ONLY_WHEN_WOKEN,
    CONF_SOURCE,
    CONF_STREAM_ENTITY,
    CONF_STREAMS,
    CONF_ZONES,
    SOURCE_STREAM,
    SUBENTRY_CAMERA,
)
from ..names import async_class_names
from .forms import (
    ADDRESS_KEYS,
    Fields,
    address_errors,
    address_fields,
    asks_the_same,
    look_fields,
    source_fields,
    with_credentials_apart,
)
from .preview import DATA_PREVIEWS, PREVIEW_URL, Preview, async_take_preview
from .source_trial import async_choose, async_has_choice

PREVIEW_LIFETIME = timedelta(hours=1)


def _with_stream(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of an address with the source that it is."""
    is_stream = data.get(CONF_SOURCE) == SOURCE_STREAM or is_surely_a_stream(data[CONF_URL])
    return data | {CONF_STREAMS: True} if is_stream else data


@dataclass(frozen=True, slots=True)
class Candidate:
    """A camera that the user is about to add or change."""

    title: str
    unique_id: str
    data: dict[str, Any]


class CameraSubentryFlow(ConfigSubentryFlow):
    """Choose cameras, try them, show what they see, keep them."""

    _candidates: list[Candidate]
    _placeholders: dict[str, str]
    _typed_password = ""
    _trial: asyncio.Task[None] | None = None
    _measured: Sequence[str] = ()

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask where the snapshots come from."""
        if self._get_entry().state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        return self.async_show_menu(step_id="user", menu_options=["entities", "address"])

    async def async_step_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose among the camera entities, several at once if wanted."""
        can_stream = await self._async_can_stream()
        errors: dict[str, str] = {}
        if user_input is not None:
            candidates = [
                self._entity_candidate(entity_id, user_input)
                for entity_id in user_input[CONF_ENTITY_ID]
            ]
            if not (errors := await self._async_try(candidates)):
                return await self.async_step_measure()
        schema = {
            probatio.Required(CONF_ENTITY_ID): EntitySelector(
                EntitySelectorConfig(
                    domain="camera", multiple=True, exclude_entities=self._configured_entities()
                )
            ),
            **source_fields(can_stream=can_stream),
            **look_fields(self._get_entry()),
        }
        return self._async_show("entities", schema, user_input, errors)

    async def async_step_address(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Give the address of a snapshot."""
        can_stream = await self._async_can_stream()
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input = with_credentials_apart(user_input)
        if user_input is not None and not (
            errors := address_errors(user_input, can_stream=can_stream)
        ):
            data = self._with_password(user_input, {})
            candidate = Candidate(data.pop(CONF_NAME), data[CONF_URL], _with_stream(data))
            if not (errors := await self._async_try([candidate])):
                return await self.async_step_measure()
        schema = {
            probatio.Required(CONF_NAME): str,
            **address_fields(),
            **source_fields(can_stream=can_stream),
            **look_fields(self._get_entry()),
        }
        return self._async_show("address", schema, user_input, errors)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change where a camera's snapshots come from, how often, and what is looked for."""
        if self._get_entry().state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        is_entity = CONF_ENTITY_ID in self._get_reconfigure_subentry().data
        change = "change_entity" if is_entity else "change_address"
        return self.async_show_menu(step_id="reconfigure", menu_options=[change, "zones"])

    async def async_step_change_entity(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a camera that is an entity."""
        subentry = self._get_reconfigure_subentry()
        can_stream = await self._async_can_stream()
        errors: dict[str, str] = {}
        if user_input is not None:
            candidate = self._entity_candidate(user_input[CONF_ENTITY_ID], user_input)
            if not (errors := await self._async_try([candidate])):
                return await self.async_step_measure()
        schema = {
            probatio.Required(CONF_ENTITY_ID): EntitySelector(
                EntitySelectorConfig(domain="camera")
            ),
            **source_fields(can_stream=can_stream),
            **look_fields(self._get_entry()),
        }
        current = er.async_resolve_entity_id(er.async_get(self.hass), subentry.data[CONF_ENTITY_ID])
        suggested = user_input or subentry.data | {CONF_ENTITY_ID: current}
        return self._async_show("change_entity", schema, suggested, errors)

    async def async_step_change_address(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a camera that is an address."""
        subentry = self._get_reconfigure_subentry()
        can_stream = await self._async_can_stream()
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input = with_credentials_apart(user_input)
        if user_input is not None and not (
            errors := address_errors(user_input, can_stream=can_stream)
        ):
            data = self._with_password(user_input, subentry.data)
            candidate = Candidate(subentry.title, data[CONF_URL], _with_stream(data))
            if not (errors := await self._async_try([candidate])):
                return await self.async_step_measure()
        schema = {
            **address_fields(),
            **source_fields(can_stream=can_stream),
            **look_fields(self._get_entry()),
        }
        return self._async_show("change_address", schema, user_input or subentry.data, errors)

    async def async_step_zones(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Enter zones and masks as text, where the panel cannot be used."""
        entry, subentry = self._get_entry(), self._get_reconfigure_subentry()
        before = subentry.data.get(CONF_ZONES, [])
        errors: dict[str, str] = {}
        placeholders = {"zone": ""}
        if user_input is not None:
            known = [info.name for info in entry.runtime_data.engine.classes]
            try:
                zones = checked_zones(
                    zones_from_text(user_input.get(CONF_ZONES, ""), before), known, before
                )
                masks = masks_from_text(
                    user_input.get(CONF_MASKS, ""), subentry.data.get(CONF_MASKS, [])
                )
            except ZoneError as error:
                errors["base"] = error.reason
                placeholders = error.placeholders
            else:
                return self.async_update_and_abort(
                    entry, subentry, data_updates={CONF_ZONES: zones, CONF_MASKS: masks}
                )
        text = TextSelector(TextSelectorConfig(multiline=True))
        schema = {probatio.Optional(CONF_ZONES): text, probatio.Optional(CONF_MASKS): text}
        suggested = {
            CONF_ZONES: zones_to_text(before),
            CONF_MASKS: masks_to_text(subentry.data.get(CONF_MASKS, [])),
        }
        return self.async_show_form(
            step_id="zones",
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema(schema), user_input or suggested
            ),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def async_step_measure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Try which source suits each camera, as far as it has several."""
        if self._trial is None:
            if not any(async_has_choice(self.hass, each.data) for each in self._candidates):
                self._measured = [""] * len(self._candidates)
                return await self.async_step_confirm()
            self._trial = self.hass.async_create_task(self._async_measure(), eager_start=False)
        if not self._trial.done():
            return self.async_show_progress(
                step_id="measure", progress_action="measure", progress_task=self._trial
            )
        self._trial = None
        return self.async_show_progress_done(next_step_id="confirm")

    async def _async_measure(self) -> None:
        measured = []
        for number, candidate in enumerate(self._candidates):
            self.async_update_progress(number / len(self._candidates))
            measured.append(await async_choose(self.hass, candidate.data))
        self._measured = measured

    async def _async_can_stream(self) -> bool:
        return await self.hass.async_add_executor_job(can_read_streams)

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what the cameras see now, and keep them if the user agrees."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=probatio.Schema({}),
                description_placeholders={"previews": await self._async_describe_previews()},
                last_step=True,
            )
        first, *others = self._candidates
        if self.source != SOURCE_USER:
            return self._keep_changes(first)
        for other in others:
            self.hass.config_entries.async_add_subentry(
                self._get_entry(),
                ConfigSubentry(
                    data=MappingProxyType(other.data),
                    subentry_type=SUBENTRY_CAMERA,
                    title=other.title,
                    unique_id=other.unique_id,
                ),
            )
        return self.async_create_entry(
            title=first.title, data=first.data, unique_id=first.unique_id
        )

    @callback
    @override
    def async_remove(self) -> None:
        """Forget the test snapshots."""
        self.hass.data.get(DATA_PREVIEWS, {}).pop(self.flow_id, None)

    def _keep_changes(self, candidate: Candidate) -> SubentryFlowResult:
        subentry = self._get_reconfigure_subentry()
        kept = {
            key: value
            for key, value in subentry.data.items()
            if key not in ADDRESS_KEYS
            and key not in (CONF_ENTITY_ID, CONF_STREAMS, CONF_STREAM_ENTITY)
        }
        return self.async_update_and_abort(
            self._get_entry(),
            subentry,
            unique_id=candidate.unique_id,
            data=kept | candidate.data,
        )

    def _with_password(
        self, user_input: Mapping[str, Any], kept: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what was filled in with the password, which no form shows again.

        An empty field stands for the one that was typed before, or that is kept for the same user there.
        """
        self._typed_password = user_input.get(CONF_PASSWORD) or self._typed_password
        password = self._typed_password
        if not password and asks_the_same(user_input, kept):
            password = kept.get(CONF_PASSWORD, "")
        return {**user_input, CONF_PASSWORD: password} if password else dict(user_input)

    def _async_show(
        self,
        step_id: str,
        schema: Fields,
        suggested: Mapping[str, Any] | None,
        errors: dict[str, str],
    ) -> SubentryFlowResult:
        known = {info.name for info in self._get_entry().runtime_data.engine.classes}
        shown = dict(suggested or {})
        shown.pop(CONF_PASSWORD, None)
        if CONF_CLASSES in shown:
            shown[CONF_CLASSES] = [name for name in shown[CONF_CLASSES] if name in known]
        if CONF_LINKED in shown:
            shown[CONF_LINKED] = async_linked_now(self.hass, shown[CONF_LINKED])
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(probatio.Schema(schema), shown),
            errors=errors,
            description_placeholders=self._placeholders if errors.get("base") else None,
            last_step=False,
        )

    async def _async_try(self, candidates: list[Candidate]) -> dict[str, str]:
        """Take and keep a preview of each; return the form's errors."""
        self._placeholders = {}
        if not candidates:
            return {CONF_ENTITY_ID: "no_cameras"}
        if not all(candidate.data[CONF_CLASSES] for candidate in candidates):
            return {CONF_CLASSES: "no_classes"}
        for candidate in candidates:
            linked = async_linked_to_keep(self.hass, candidate.data.get(CONF_LINKED, ()))
            if candidate.data.get(CONF_ONLY_WHEN_WOKEN) and not linked:
                return {CONF_LINKED: "no_sensor"}
            candidate.data[CONF_LINKED] = linked
        taken = self._other_unique_ids()
        for candidate in candidates:
            if candidate.unique_id in taken:
                self._placeholders = {"camera": candidate.title}
                return {"base": "already_configured"}
        outcomes = await asyncio.gather(
            *(async_take_preview(self.hass, candidate.data) for candidate in candidates),
            return_exceptions=True,
        )
        previews: list[Preview] = []
        for candidate, outcome in zip(candidates, outcomes, strict=True):
            if isinstance(outcome, SnapshotUnavailable):
                self._placeholders = {"camera": candidate.title, **outcome.placeholders}
                return {"base": outcome.reason}
            if isinstance(outcome, BaseException):
                raise outcome
            previews.append(outcome)
        self._candidates = candidates
        self.hass.data.setdefault(DATA_PREVIEWS, {})[self.flow_id] = previews
        return {}

    async def _async_describe_previews(self) -> str:
        names = await async_class_names(self.hass)
        lines = []
        for index, candidate in enumerate(self._candidates):
            preview = self.hass.data[DATA_PREVIEWS][self.flow_id][index]
            path = PREVIEW_URL.format(flow_id=self.flow_id, index=index)
            url = async_sign_path(self.hass, path, PREVIEW_LIFETIME)
            found = ", ".join(
                f"{names.get(found.name, found.name)} {found.score:.0%}"
                for found in preview.result.detections
            )
            lines.append(f"**{candidate.title}**: {found or '-'}\n\n![{candidate.title}]({url})")
            if measured := self._measured[index]:
                lines.append(measured)
        return "\n\n".join(lines)

    def _entity_candidate(self, entity_id: str, user_input: dict[str, Any]) -> Candidate:
        registered = er.async_get(self.hass).async_get(entity_id)
        key = registered.id if registered else entity_id
        title = self._title_of(entity_id, user_input[CONF_ENTITY_ID])
        data = user_input | {CONF_ENTITY_ID: key}
        if data.get(CONF_SOURCE) == SOURCE_STREAM:
            data[CONF_STREAMS] = True
        return Candidate(title, key, data)

    def _title_of(self, entity_id: str, chosen: str | list[str]) -> str:
        """Name a camera like its device, unless another camera is called so; a device may have several."""
        entities = chosen if isinstance(chosen, list) else [chosen]
        taken = [subentry.title for subentry in self._get_entry().subentries.values()]
        taken += [self._device_name_of(each) for each in entities if each != entity_id]
        name = self._device_name_of(entity_id)
        if name and name not in taken:
            return name
        state = self.hass.states.get(entity_id)
        return state.name if state else entity_id

    def _device_name_of(self, entity_id: str) -> str:
        device = async_source_device(self.hass, {CONF_ENTITY_ID: entity_id})
        return (device.name_by_user or device.name or "") if device else ""

    def _configured_entities(self) -> list[str]:
        registry = er.async_get(self.hass)
        return [
            entity_id
            for subentry in self._get_entry().subentries.values()
            if (entity := subentry.data.get(CONF_ENTITY_ID))
            and (entity_id := er.async_resolve_entity_id(registry, entity))
        ]

    def _other_unique_ids(self) -> set[str | None]:
        own = None if self.source == SOURCE_USER else self._reconfigure_subentry_id
        return {
            subentry.unique_id
            for subentry in self._get_entry().subentries.values()
            if subentry.subentry_id != own
        }
