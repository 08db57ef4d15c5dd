"""The operations that rules may name are those that are served."""

from importlib import import_module
from pkgutil import iter_modules

import mockserver.edge
from mockserver.domain.operations import operations
from mockserver.edge.http.product import Product


def test_rules_know_every_operation() -> None:
    """Of every host; a rule about another one is refused as a slip of the pen."""
    packages = iter_modules(mockserver.edge.__path__, "mockserver.edge.")
    products = [getattr(import_module(each.name), "PRODUCT", None) for each in packages]
    served = {
        product.called(route)
        for product in products
        if isinstance(product, Product)
        for route in product.router.routes
    }
    assert sorted(served) == sorted(operations())
