"""Build a model by hand, and take it away from torchvision and from this script.

    python carry.py

writes `carried/`. Where neither torchvision nor this script can be imported:

    >>> import pack
    >>> model = pack.load()
"""

import functools

import torch
import torchvision
from torch import nn

from introspect_export import export


def doubled(module: nn.Module, inputs: object, output: torch.Tensor) -> torch.Tensor:
    """A hook: a function with a name comes along as text."""
    return output * 2


class Segmenter(nn.Module):
    """A torchvision backbone with a head of one's own."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        resnet = torchvision.models.resnet18(weights=None)
        self.backbone = nn.Sequential(*list(resnet.children())[:-2])
        self.head = nn.Conv2d(512, classes, 1)
        self.resize = functools.partial(nn.functional.interpolate, mode='bilinear', align_corners=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the scores of every pixel."""
        return self.resize(self.head(self.backbone(images)), size=images.shape[-2:])


if __name__ == '__main__':
    torch.manual_seed(0)
    model = Segmenter(classes=5).eval()
    model.backbone[1].eps = 1e-4  # changed by hand: it is the object that is carried, not the recipe for it
    model.head.register_forward_hook(doubled)
    images = torch.randn(1, 3, 64, 64)
    result = export(model, 'carried', force=True)
    print(result)
    torch.save({'images': images, 'scores': model(images).detach()}, 'carried/example.pt')
