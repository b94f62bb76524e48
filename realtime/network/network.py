"""The onnxruntime sessions: one call for all faces of a frame, and no node computed that nobody looks at.

onnxruntime runs every node of a session whatever is fetched. So the activation graph is cut to the
outputs that a request needs, and the sessions made of the last few requests are kept:

    Request()                              the plain classifier
    Request(layer="conv3", maps=True)      probabilities + activation/conv3
    Request(layer="conv3", method="gradcam")   probabilities + cam/gradcam/conv3
    Request(layer="conv3", rule="guided", unit=7)   probabilities + unit/guided/conv3, of channel 7
    Request(layer="conv3", every=True)     probabilities + activation/conv1, activation/conv2, …

Saliency and gradient × input are taken at the input's own pixels, whichever layer is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock, Thread
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ..errors import ModelError
from ..system.memory import return_memory
from ..system.providers import CPU, check_running, providers_of, running_on
from ..types import Floats
from .bundle import ModelBundle
from .offset import shifted
from .weights import Lender
from .winograd import Kernels

PROBABILITIES, QUALITY, NUMBERS, OFFSET = "probabilities", "quality", "numbers", "offset"
INPUT = "input"
LAYER, HEAT = "layer ", "heat "
PREDICTED = -1
"""The `target` that means: the class the network itself predicts."""
UNIT, AGAINST = "unit", "against"
NO_UNIT = NOTHING = -1
"""The `unit` and the `against` that mean: none."""
RUNNER_UP = -2
"""The `against` that means: the most probable class beside the target."""

RULES = ("gradient", "gradientxinput", "guided", "deconvolution", "field")
"""Ways from one channel of a layer back to the pixels, which `convert.unit` describes."""

KEPT = 3
"""Sessions of the activation graph that are kept. Each has packed weights and working memory of its own, 6 to 12 MB
in the shipped networks; another is built in a tenth of a second, beside the one that runs."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted besides the probabilities.

    Attributes:
        layer: the layer to look at, "" for none.
        maps: whether its activations are wanted.
        method: the CAM method whose heatmap of this layer is wanted, "" for none.
        against: class that heat and slopes are told against ("happy rather than neutral"), RUNNER_UP or NOTHING.
        rule: the way back by which a channel's pixels are wanted, "" for none.
        unit: number of that channel.
        slopes: whether the gradient of the target's logit at the input is wanted.
        every: whether the activations of all layers are wanted.
        methods: CAM methods whose heat is wanted too, all in the same call.
        also: another layer whose activations are wanted, "" for none.
    """

    layer: str = ""
    maps: bool = False
    method: str = ""
    against: int = NOTHING
    rule: str = ""
    unit: int = NO_UNIT
    slopes: bool = False
    every: bool = False
    methods: tuple[str, ...] = ()
    also: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the network said about N faces.

    Attributes:
        probabilities: (N, K).
        maps: (N, h, w, channels), or None where not requested.
        heat: (N, h, w), 0–1, or None where not requested.
        quality: (N,) how well each face can be read, 0–1, or None where the network does not tell.
        numbers: (N, M) what else it says of each face, in the order of the contract's names, or None where nothing.
        pixels: (N, H, W, C) what drives the channel, signed, or None where not requested.
        slopes: (N, H, W, C) gradient of the target's logit, or None where not requested.
        layers: (N, h, w, channels) of each layer, input first; empty where not requested.
        heats: (N, h, w) of each of the methods; empty where not requested.
        also: (N, h, w, channels) of the other layer, or None where not requested.
    """

    probabilities: Floats
    maps: Floats | None = None
    heat: Floats | None = None
    quality: Floats | None = None
    numbers: Floats | None = None
    pixels: Floats | None = None
    slopes: Floats | None = None
    layers: tuple[Floats, ...] = ()
    heats: tuple[Floats, ...] = ()
    also: Floats | None = None


class Network:
    """A bundle, ready to answer.

    Args:
        bundle: the model.
        provider: an onnxruntime execution provider, or "auto"; see `emoscope.system.providers`.
        threads: inside one call; the networks are so small that 1 is fastest while other stages run.
        kept: how many sessions besides the plain one are kept; who looks at many layers or methods in turn needs more.
        steady: whether one request is made of thousands of pictures; see `Lender`.

    Attributes:
        contrasts: whether heat can speak for one class against another.
    """

    def __init__(
        self, bundle: ModelBundle, provider: str = "auto", threads: int = 1, kept: int = KEPT, steady: bool = False
    ) -> None:
        self.name = bundle.name
        self.contract = bundle.contract
        self._most, self._threads = kept, threads
        self._providers = providers_of(provider)
        self._lock = Lock()
        self._building: set[tuple[str, ...]] = set()
        self._refused: set[tuple[str, ...]] = set()
        self._kernels: Kernels = {}
        less = self._kernels if steady and self._providers[0] == CPU else None
        self._classifier = Lender(bundle.classifier, plain=True, kernels=less)
        self._activations = Lender(bundle.activations, kernels=less)
        self._offered = self._activations.outputs
        there = self._offered & self._classifier.outputs
        self._said = (PROBABILITIES, *(name for name in (QUALITY, NUMBERS) if name in there))
        self._takes_offsets = OFFSET in self._classifier.inputs & self._activations.inputs
        self.contrasts = AGAINST in self._activations.inputs
        self._plain = self._session(self._classifier, self._key(Request()))
        self._sessions: dict[tuple[str, ...], onnxruntime.InferenceSession] = {}
        return_memory()

    @property
    def provider(self) -> str:
        """The execution provider that really runs: "CPU", "CUDA", …"""
        return running_on(self._plain)

    def answer(
        self,
        batch: Floats,
        request: Request,
        targets: NDArray[np.int64] | None = None,
        offsets: Floats | None = None,
    ) -> Answer:
        """Probabilities of N faces, and what the request asks for, in one call.

        Args:
            batch: (N, …) as the contract's input says.
            request: what is asked besides probabilities.
            targets: (N,) class numbers that heatmaps speak for; PREDICTED, or None, for the predicted class.
            offsets: (N, K) added to the logits of each face before a class is predicted; None for nothing.

        Returns:
            What was asked for; all that was not is None.
        """
        wanted = np.full(len(batch), PREDICTED) if targets is None else targets
        if offsets is not None and not self._takes_offsets:
            return self._shifted(batch, request, wanted, offsets)
        session, names = self.prepare(request), self._outputs(request)
        feeds: dict[str, NDArray[Any]] = {"faces": batch, "target": wanted, **self._kernels}
        feeds |= {UNIT: np.array([request.unit]), AGAINST: np.array([request.against])}
        feeds |= {} if offsets is None else {OFFSET: offsets}
        taken = (*session.get_inputs(), *session.get_overridable_initializers())
        inputs = {value.name: feeds[value.name] for value in taken if value.name in feeds}
        got = dict(zip(names, session.run(list(names.values()), inputs), strict=True))
        if request.every:
            layers = {name: got.pop(LAYER + name) for name in self.contract.layer_names}
            got |= {"layers": tuple(layers.values()), **({"maps": layers[request.layer]} if request.maps else {})}
        if request.methods:
            got["heats"] = tuple(got.pop(HEAT + method) for method in request.methods)
        return Answer(**got)

    def _shifted(self, batch: Floats, request: Request, targets: NDArray[np.int64], offsets: Floats) -> Answer:
        """The answer of graphs that take no offsets, as those of version 1: the shift comes behind them."""
        plain = self.answer(batch, Request())
        said = shifted(plain.probabilities, offsets)
        if request == Request():
            return replace(plain, probabilities=said)
        heat_for = np.where(targets == PREDICTED, said.argmax(1), targets)
        return replace(self.answer(batch, request, heat_for), probabilities=said)

    def heat_layer(self, request: Request) -> str:
        """Where the heat of a request is taken: its layer, or the input for the methods that belong there."""
        return INPUT if f"cam/{request.method}/{INPUT}" in self._offered else request.layer

    def rules(self, layer: str) -> tuple[str, ...]:
        """The ways back from a layer's channels to the pixels; none in bundles of before there were any."""
        return tuple(rule for rule in RULES if f"unit/{rule}/{layer}" in self._offered)

    def fitting(self, request: Request) -> Request:
        """A request without the ways back and contrasts that the model does not offer: shown is what there is."""
        if request.rule and request.rule not in self.rules(request.layer):
            request = replace(request, rule="", unit=NO_UNIT)
        return request if self.contrasts or request.against == NOTHING else replace(request, against=NOTHING)

    def prepare(self, request: Request) -> onnxruntime.InferenceSession:
        """The session that answers a request; built unless it is there."""
        if request == Request():
            return self._plain
        key = self._key(request)
        self._check(request)
        session = self._kept(key)
        if session is None:
            session = self._session(self._activations, key)
            self._keep(key, session)
        return session

    def ready(self, request: Request) -> bool:
        """Whether a request can be answered at once, or never; else its session is being built beside the one used."""
        request = self.fitting(request)
        key = self._key(request)
        with self._lock:
            if request == Request() or key in self._sessions or key in self._refused:
                return True
            if key not in self._building:
                self._building.add(key)
                # No daemon, as it would be by itself where a daemon asks: Python would end it in the midst of
                # onnxruntime, which takes that for a crash.
                Thread(target=self._prepare_aside, args=(request,), name="session", daemon=False).start()
        return False

    def _prepare_aside(self, request: Request) -> None:
        try:
            self.prepare(request)
        except ModelError:  # raised again where the answer is asked for
            with self._lock:
                self._refused.add(self._key(request))

    def _outputs(self, request: Request) -> dict[str, str]:
        """Field of the answer → the output that holds it."""
        names = {name: name for name in self._said}
        if request.every:
            names |= {LAYER + name: f"activation/{name}" for name in self.contract.layer_names}
        elif request.maps:
            names["maps"] = f"activation/{request.layer}"
        if request.method:
            names["heat"] = f"cam/{request.method}/{self.heat_layer(request)}"
        for method in request.methods:
            names[HEAT + method] = f"cam/{method}/{self.heat_layer(replace(request, method=method))}"
        if request.also:
            names["also"] = f"activation/{request.also}"
        if request.rule:
            names["pixels"] = f"unit/{request.rule}/{request.layer}"
        if request.slopes:
            names["slopes"] = f"gradient/{INPUT}"
        return names

    def _key(self, request: Request) -> tuple[str, ...]:
        """What tells sessions apart: their outputs. Channels and classes are fed to one and the same."""
        return tuple(self._outputs(request).values())

    def _kept(self, key: tuple[str, ...]) -> onnxruntime.InferenceSession | None:
        """A session that is there, which thereby becomes the last to go."""
        with self._lock:
            session = self._sessions.pop(key, None)
            if session is not None:
                self._sessions[key] = session
            return session

    def _keep(self, key: tuple[str, ...], session: onnxruntime.InferenceSession) -> None:
        with self._lock:
            self._sessions[key] = session
            self._building.discard(key)
            while len(self._sessions) > self._most:
                del self._sessions[next(iter(self._sessions))]
        return_memory()

    def _check(self, request: Request) -> None:
        missing = next((name for name in self._key(request) if name not in self._offered), None)
        if missing is None and request.against != NOTHING and not self.contrasts:
            missing = AGAINST
        if missing is None:
            return
        self.contract.layer(request.layer)
        if request.method and request.method not in self.contract.methods:
            raise ModelError(f"{self.name} has no method {request.method!r}: {', '.join(self.contract.methods)}")
        if request.rule and request.rule not in RULES:
            raise ModelError(f"no rule {request.rule!r}; there are {', '.join(RULES)}")
        raise ModelError(f"{self.name} knows nothing of {missing!r}: run `emoscope convert` again")

    def _session(self, model: Lender, outputs: tuple[str, ...]) -> onnxruntime.InferenceSession:
        try:
            session = model.session(outputs, _options(self._threads), self._providers)
        except Exception as error:  # onnxruntime's errors share no base class of their own
            raise ModelError(f"{self.name}: onnxruntime refuses the model ({str(error).splitlines()[0]})") from error
        check_running(session, self._providers)
        return session


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # An arena keeps the most that any call ever needed; with a dozen sessions that is hundreds of megabytes.
    options.enable_cpu_mem_arena = False
    # Threads that spin while they wait would burn the core that decoding and drawing need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
