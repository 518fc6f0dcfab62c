"""Every data source: a schema without torch, loading with it. Importing this package adds them to the layers'
registry."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
