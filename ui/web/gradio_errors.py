"""Errors inside Gradio, kept from its own ways: it prints their text with a traceback, and sends it to the browser.

That text may quote what somebody typed. So the log gets the kind and the place of an error, as `ui.logs` writes them,
and the browser the number it stands there under.
"""

import logging
from typing import TYPE_CHECKING, Any

from ui.logs.incident import incident

if TYPE_CHECKING:
    import gradio as gr

_log = logging.getLogger(__name__)


def guard(page: "gr.Blocks") -> None:
    """Have every call of a function of ``page`` end in what may be told, whether it fails in ours or around it.

    An error that is raised to be told, without being printed, passes as it is.
    """
    import gradio as gr

    process = page.process_api

    async def guarded(*arguments: Any, **named: Any) -> dict[str, Any]:
        try:
            return await process(*arguments, **named)
        except Exception as error:
            if isinstance(error, gr.Error) and not error.print_exception:
                raise
            said = incident(_log, "A call of the page failed", error)
        raise gr.Error(said, print_exception=False)

    page.process_api = guarded  # type: ignore[method-assign]
