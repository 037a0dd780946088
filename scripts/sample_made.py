"""Small models of a library by name, and inputs that they take."""

from __future__ import annotations

import contextlib
import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

MOST_PARAMETERS = 200_000_000
"""What is larger is made with two layers; what is still larger is not made."""

_SHALLOW: tuple[dict[str, Any], ...] = (
    {'depth': 2},
    {'depths': (1, 1, 1, 1)},
    {'layers': (1, 1, 1, 1)},
    {'num_layers': 2},
    {'depths': (1, 1, 1, 1), 'dims': (32, 64, 96, 128)},
)

# Sizes by the names that configurations give them; only those are set that a configuration has.
_SMALL = {
    **dict.fromkeys(('hidden_size', 'd_model', 'n_embd', 'embedding_size', 'dim', 'emb_dim', 'n_embed'), 32),
    **dict.fromkeys(('num_hidden_layers', 'num_layers', 'n_layer', 'n_layers', 'encoder_layers', 'decoder_layers'), 2),
    **dict.fromkeys(('num_decoder_layers', 'num_encoder_layers', 'decoder_num_layers', 'depth'), 2),
    **dict.fromkeys(('num_attention_heads', 'encoder_attention_heads', 'decoder_attention_heads', 'num_heads'), 4),
    **dict.fromkeys(('n_head', 'n_heads', 'num_key_value_heads'), 4),
    **dict.fromkeys(('intermediate_size', 'encoder_ffn_dim', 'decoder_ffn_dim', 'd_ff', 'hidden_dim'), 64),
    **dict.fromkeys(('max_position_embeddings', 'n_positions', 'image_size'), 64),
    'd_kv': 8,
    'head_dim': 8,
    'vocab_size': 120,
    'patch_size': 16,
    'pad_token_id': 0,
}


def timm_models() -> dict[str, Callable[[], Any]]:
    """The models of timm by name."""
    import timm

    def make(name: str) -> Any:
        return _shallow(lambda **given: timm.create_model(name, pretrained=False, **given))

    return {name: lambda name=name: make(name) for name in timm.list_models()}  # type: ignore[misc]


def torchvision_models() -> dict[str, Callable[[], Any]]:
    """The models of torchvision that need none of its compiled operators."""
    import torchvision

    def make(name: str) -> Any:
        return _shallow(lambda **given: torchvision.models.get_model(name, weights=None, **given))

    names = [each for each in torchvision.models.list_models() if not _is_detection(each)]
    return {name: lambda name=name: make(name) for name in names}  # type: ignore[misc]


def _is_detection(name: str) -> bool:
    return any(each in name for each in ('rcnn', 'fcos', 'retinanet', 'ssd'))


def transformers_models() -> dict[str, Callable[[], Any]]:
    """The base models of transformers by their configurations' names."""
    names = importlib.import_module('transformers.models.auto.modeling_auto').MODEL_MAPPING_NAMES
    return {name: lambda name=name: _transformer(name) for name in names}  # type: ignore[misc]


def _transformer(name: str) -> Any:
    kind = importlib.import_module('transformers.models.auto.configuration_auto').CONFIG_MAPPING[name]
    config = _shrunk(kind)
    return _sized(lambda: importlib.import_module('transformers').AutoModel.from_config(config))


def _shrunk(kind: Any) -> Any:
    """A small configuration: its own sizes where it does not take ours."""
    known = kind().to_dict()
    sizes = _sizes(known)
    nested = {key: _sizes(value) for key, value in known.items() if isinstance(value, dict) and key.endswith('_config')}
    return kind(**sizes, **{key: value for key, value in nested.items() if value})


def _sizes(known: dict[str, Any]) -> dict[str, int]:
    return {key: min(value, known[key]) for key, value in _SMALL.items() if type(known.get(key)) is int}


def diffusers_models() -> dict[str, Callable[[], Any]]:
    """The models of diffusers that can be made without arguments, or with few channels."""
    import diffusers

    kinds = {
        name: kind
        for name in dir(diffusers.models)
        if isinstance(kind := getattr(diffusers.models, name), type) and issubclass(kind, diffusers.ModelMixin)
    }
    return {name: lambda kind=kind: _sized(lambda: _diffusion(kind)) for name, kind in kinds.items()}  # type: ignore[misc]


def _diffusion(kind: Any) -> Any:
    sizes = {
        'block_out_channels': (32, 64),
        'layers_per_block': 1,
        'sample_size': 16,
        'norm_num_groups': 8,
        'cross_attention_dim': 32,
        'attention_head_dim': 8,
        'num_attention_heads': 2,
        'num_layers': 2,
    }
    parameters = inspect.signature(kind.__init__).parameters
    given: dict[str, Any] = {key: value for key, value in sizes.items() if key in parameters}
    for key, choice in (('down_block_types', 'Down'), ('up_block_types', 'Up')):
        if key in parameters and isinstance(parameters[key].default, tuple):
            default = parameters[key].default
            plain = [each for each in default if each.startswith((choice, 'CrossAttn' + choice))] or list(default)
            given[key] = tuple(plain[:1] * 2)
    return kind(**given)


def _shallow(make: Callable[..., Any]) -> Any:
    """The model as it is; with two layers where it is large, under the name that its depth has."""
    try:
        return _sized(make)
    except MemoryError as error:
        for given in _SHALLOW:
            # Each family of models takes its depth under another name, and refuses others in ways of its own.
            with contextlib.suppress(Exception):
                return _sized(lambda given=given: make(**given))  # type: ignore[misc]
        raise error


def _sized(make: Callable[[], Any]) -> Any:
    """A model, if it is not too large for this machine, which is found out where its tensors have no values."""
    import torch

    count = 0
    # Some models compute on their tensors while they are made; the limit of the process stops those that are large.
    with contextlib.suppress(Exception), torch.device('meta'):
        count = sum(each.numel() for each in make().parameters())
    if count > MOST_PARAMETERS:
        raise MemoryError(f'too large for this machine: {count:,} parameters')
    torch.manual_seed(0)
    return make()


def inputs_for(model: Any) -> tuple[list[Any], dict[str, Any], Any] | None:
    """Inputs that a model takes, found by trying some, and its output; None where none of them serves."""
    import torch

    for given, keywords in _candidates(model):
        with contextlib.suppress(Exception), torch.no_grad():
            torch.manual_seed(0)
            return given, keywords, model(*given, **keywords)
    return None


def _candidates(model: Any) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    import torch

    tokens = torch.arange(1, 9)[None]
    features = getattr(getattr(model, 'config', None), 'num_mel_bins', 80)
    yield [], {'input_ids': tokens}
    yield [], {'input_ids': tokens, 'decoder_input_ids': tokens}
    yield [], {'input_ids': tokens, 'bbox': torch.zeros(1, 8, 4, dtype=torch.long)}
    for size in dict.fromkeys((64, *_own_sizes(model), 224, 256, 299, 32)):
        image = torch.randn(1, 3, size, size)
        yield [], {'pixel_values': image}
        yield [], {'input_ids': tokens, 'pixel_values': image}
        yield [], {'input_ids': tokens, 'pixel_values': image, 'attention_mask': torch.ones_like(tokens)}
        yield [], {'pixel_values': torch.randn(1, 16, 3, size, size)}
        yield [image], {}
        yield [image, torch.tensor(3)], {}
        yield [torch.randn(1, 3, 16, size, size)], {}
    config: Any = getattr(model, 'config', None)
    if type(getattr(config, 'context_length', None)) is int:
        series = torch.randn(1, config.context_length, getattr(config, 'num_input_channels', 1))
        yield [], {'past_values': series}
    seen = {'visual_feats': torch.randn(1, 3, 2048), 'visual_pos': torch.randn(1, 3, 4)}
    yield [], {'input_ids': tokens, **seen}
    yield [], {'input_ids': tokens, 'lang_ids': torch.zeros(1, dtype=torch.long)}
    yield [], {'input_values': torch.randn(1, 1, 4000)}
    yield [], {'input_values': torch.randn(1, 4000)}
    yield [], {'input_values': torch.randn(1, 4000), 'decoder_input_ids': tokens}
    yield [], {'input_values': torch.randn(1, 1024, 128)}
    for length in (100, 3000):
        mel = torch.randn(1, features if isinstance(features, int) else 80, length)
        yield [], {'input_features': mel, 'decoder_input_ids': tokens}
        yield [], {'input_features': mel.transpose(1, 2)}
        yield [], {'input_features': mel.transpose(1, 2), 'decoder_input_ids': tokens}
    yield [torch.randn(1, 4, 16, 16), torch.tensor(3)], {'encoder_hidden_states': torch.randn(1, 4, 32)}
    yield [torch.randn(1, 4, 16, 16)], {}
    dummy = getattr(model, 'dummy_inputs', None)
    if isinstance(dummy, dict):
        yield [], dummy


def _own_sizes(model: Any) -> list[int]:
    """The sizes of images that a model says it is for."""
    told = getattr(model, 'default_cfg', None) or {}
    config = getattr(model, 'config', None)
    sizes = [*told.get('input_size', ())[-1:], getattr(config, 'image_size', None)]
    return [each for each in sizes if type(each) is int]
