"""One PyTensor Op for every model: our log likelihood, its slopes from the expected statistics of an E-step."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pointmass.errors import PointmassError
from pointmass.estimators.nuts.likelihoods.fisher import Fisher
from pointmass.models import Model, Rows

if TYPE_CHECKING:
    from pointmass.estimators.nuts.joint import Joint

__all__ = ["expected_statistics"]


def expected_statistics(joint: Joint, model: Model, rows: Rows) -> Any:
    """Return the log likelihood of the rows, in working coordinates, as the package itself computes it.

    It confirms nothing about the package's likelihood, which it is; it serves where PyMC's own terms are too slow,
    and a test holds it against these.

    Raises
    ------
    PointmassError
        If PyMC's model draws latents that here are summed out.
    """
    drawn = [name for name in joint.terms if name not in joint.prior]
    if drawn:
        raise PointmassError(
            f"NUTS draws {', '.join(drawn)} of {type(model).__name__}, which its own likelihood sums out; leave out "
            "likelihood='pointmass'",
            path=("likelihood",),
        )
    return _op_class()(Fisher(joint, model, rows))(*joint.pymc_model.free_RVs)[0]


@cache
def _op_class() -> type[Any]:
    """Return the class of the Op, and teach numba to call it: PyTensor is imported when NUTS is asked for."""
    import pytensor.tensor
    from pytensor.graph.basic import Apply
    from pytensor.graph.op import Op
    from pytensor.link.numba.dispatch.basic import numba_funcify

    pt: Any = pytensor.tensor

    class ExpectedStatistics(Op):
        """Variables to the log likelihood, and its slope by each: one E-step gives all of them."""

        def __init__(self, fisher: Fisher) -> None:
            self.fisher = fisher

        def make_node(self, *variables: Any) -> Any:
            inputs = [pt.as_tensor(variable) for variable in variables]
            return Apply(self, inputs, [pt.dscalar(), *(each.type() for each in inputs)])

        def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
            value, slopes = self.fisher(inputs)
            for storage, found in zip(outputs, [value, *slopes], strict=True):
                storage[0] = found

        def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
            return [cotangents[0] * slope for slope in outputs[1:]]

    numba_funcify.register(ExpectedStatistics)(_in_python)
    return ExpectedStatistics


def _in_python(op: Any, node: Any = None, **options: Any) -> Any:
    """Return a function of numba that takes the interpreter's lock for as long as the Op works."""
    import numba
    from pytensor.link.numba.dispatch.basic import get_numba_type

    module: Any = numba
    types = module.types.Tuple([get_numba_type(output.type) for output in node.outputs])

    def found(inputs: Any) -> Any:
        value, slopes = op.fisher(inputs)
        return (value, *slopes)

    def perform(*inputs: Any) -> Any:
        with module.objmode(results=types):
            results = found(inputs)
        return results

    return module.njit(perform)
