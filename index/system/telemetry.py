"""Switch off what dependencies report home.

Each reads its switch from the environment, onnxruntime only once and in native code, so this has to happen before the
first of them is imported: ``index/__init__.py`` does it, and the other packages import ``index``. Child processes
inherit it. ``docs/decisions/no-telemetry.md`` says what was found in each dependency.
"""

import logging
from collections.abc import Mapping, MutableMapping
from typing import Any

_ONNXRUNTIME = "ORT_DISABLE_TELEMETRY"
SWITCHES: Mapping[str, str] = {
    _ONNXRUNTIME: "1",
    "GRADIO_ANALYTICS_ENABLED": "False",  # its check for a newer version too
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}

_log = logging.getLogger(__name__)


def switch_off_telemetry(environ: MutableMapping[str, str], imported: Mapping[str, Any]) -> None:
    """Set every switch in ``environ`` that is unset or empty; what the user chose stays.

    ``imported`` are the modules by name. An onnxruntime among them has read its switch already: it is told to record no
    more, but sends what it recorded of its own start.
    """
    late = not environ.get(_ONNXRUNTIME) and "onnxruntime" in imported
    for name, off in SWITCHES.items():
        if not environ.get(name):
            environ[name] = off
    if late:
        imported["onnxruntime"].disable_telemetry_events()
        _log.warning(
            "onnxruntime was imported before Onrecord and may report to Microsoft that it was started. "
            "Set %s=1 for this program, or import Onrecord first.",
            _ONNXRUNTIME,
        )
