"""The embedded web community: a platform like any other, in the browser. Knows HTTP and HTML; knows no SQL."""

from adapters.web.adapter import WebMessenger
from adapters.web.app import create_app, serve
from adapters.web.capabilities import PLATFORM
from adapters.web.inbound import parse
from adapters.web.live import Hub
from adapters.web.site import WebPorts

__all__ = ["PLATFORM", "Hub", "WebMessenger", "WebPorts", "create_app", "parse", "serve"]
