"""The bundle: NAME.onnx, fused and fast, and NAME.activations.onnx, which explains. Both carry the contract."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import onnx
import onnxruntime as ort

from emoscope.errors import ModelError, ResultError
from emoscope.network.bundle import ACTIVATIONS, ModelBundle, read_onnx
from emoscope.network.contract import METADATA_KEY, Contract, LayerSpec
from emoscope.network.held import MUCH, brought_in, held_by, lend, write
from emoscope.system.atomic import atomic_file

from .autodiff import Graph
from .explain import activation_graph
from .forward import Forward, Layer
from .layers import default_layer
from .observe import observed_shapes
from .passes import keep_outputs

BESIDE = "session.optimized_model_external_initializers"
"""How onnxruntime is told to write large weights into a file of their own."""


def build(forward: Forward, contract: Contract, methods: tuple[str, ...], name: str) -> ModelBundle:
    """Both graphs of a forward graph, with the contract completed and stamped into them.

    Args:
        forward: the classifier, its layers named.
        contract: what is known of it; layers, methods and defaults are filled in here.
        methods: CAM methods to build; those that no layer of this graph allows are left out.
        name: of the bundle, the stem of its files.
    """
    graph = Graph(forward.model, observed_shapes(forward.model, contract.input.shape))
    layers = tuple(_spec(layer, graph) for layer in forward.layers)
    activations = activation_graph(forward, graph, methods)
    there = {output.name.rpartition("/")[0] for output in activations.graph.output}
    methods = tuple(method for method in methods if f"cam/{method}" in there)
    told = contract.with_(layers=layers, methods=methods, **_defaults(contract, forward, graph, methods))
    return stamped(ModelBundle(name, told, fused(forward), activations), told)


def stamped(bundle: ModelBundle, contract: Contract) -> ModelBundle:
    """The bundle with this contract, which both files carry."""
    for model in (bundle.classifier, bundle.activations):
        onnx.helper.set_model_props(model, {METADATA_KEY: contract.to_json()})
    return replace(bundle, contract=contract)


def _spec(layer: Layer, graph: Graph) -> LayerSpec:
    return LayerSpec(layer.name, layer.kind, layer.tensor, *layer.size(graph.shapes[layer.tensor]))


def _defaults(contract: Contract, forward: Forward, graph: Graph, methods: tuple[str, ...]) -> Mapping[str, str]:
    """What the contract names where it exists; else the last maps before the final pooling, and the first method."""
    known = contract.default_layer in {layer.name for layer in forward.layers}
    return {
        "default_layer": contract.default_layer if known else default_layer(forward, graph).name,
        "default_method": contract.default_method if contract.default_method in methods else methods[0],
    }


def fused(forward: Forward) -> onnx.ModelProto:
    """The classifier alone, with normalisation and constants folded into the convolutions."""
    plain = onnx.ModelProto()
    plain.CopyFrom(forward.bare or forward.model)
    keep_outputs(plain, forward.outputs)
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    weights = held_by(plain)
    lend(options, weights)
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = str(Path(folder) / "fused.onnx")
        options.add_session_config_entry(f"{BESIDE}_file_name", "weights")
        options.add_session_config_entry(f"{BESIDE}_min_size_in_bytes", str(MUCH))
        ort.InferenceSession(plain.SerializeToString(), options, providers=["CPUExecutionProvider"])
        result = onnx.load(options.optimized_model_filepath, load_external_data=False)
        brought_in(result, Path(folder), weights.values())
    used = {node.domain for node in result.graph.node}
    imports = [entry for entry in result.opset_import if entry.domain in used]
    del result.opset_import[:]
    result.opset_import.extend(imports)
    return result


def check_free(model: Path, directory: Path, name: str) -> None:
    """ResultError where a new bundle would replace the model itself, or a file that is no bundle of ours."""
    for path in filter(Path.is_file, paths_of(directory, name)):
        if path.resolve() == model.resolve() or not _ours(path):
            what = "the model itself" if path.resolve() == model.resolve() else "a file that convert did not write"
            raise ResultError(f"{path} is {what} and would be replaced: choose another folder with -o or name with -n")


def _ours(path: Path) -> bool:
    try:
        return METADATA_KEY in {item.key for item in read_onnx(path).metadata_props}
    except ModelError:
        return False


def paths_of(directory: Path, name: str) -> tuple[Path, Path]:
    """The classifier and the graph with activations."""
    return directory / f"{name}.onnx", directory / f"{name}{ACTIVATIONS}"


def save_bundle(bundle: ModelBundle, directory: Path) -> tuple[Path, Path]:
    """Writes both files; they appear under their names only when both are whole.

    Returns:
        The paths of the classifier and of the graph with activations.

    Raises:
        ResultError: they cannot be written there, or would be larger than a file of ONNX may be.
    """
    paths = paths_of(directory, bundle.name)
    cure = "choose another folder with -o"
    with atomic_file(paths[0], cure) as classifier, atomic_file(paths[1], cure) as activations:
        for path, draft, model in zip(
            paths, (classifier, activations), (bundle.classifier, bundle.activations), strict=True
        ):
            try:
                write(model, draft)
            except ResultError as error:
                raise ResultError(f"{path}: {error}") from None
    return paths
