"""`dix env`: what a shell needs to reach an installation with the SDK, curl and `ray job submit`."""

from __future__ import annotations

from dix.boot.instance import find_instance
from dix.boot.tokens import get_token, ray_token_file
from dix.errors import Conflict
from dix.settings import Settings


def exports(settings: Settings) -> dict[str, str]:
    """Names and values to export; raises Conflict when nothing is up."""
    instance = find_instance(settings)
    if instance is None:
        raise Conflict("DI-X", f"of {settings.home}", "down", "reached; run `dix up` first")
    variables = {"DIX_ADDRESS": instance.api_address, "DIX_TOKEN": get_token(settings)}
    if instance.jobs_address is None:
        return variables
    return variables | {
        "RAY_API_SERVER_ADDRESS": instance.jobs_address,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(ray_token_file(settings)),
    }
