# Copyright (c) the toylib authors.
from mmengine.model import BaseModel

from toylib.registry import MODELS
from toylib.version import __version__


@MODELS.register_module()
class Detector(BaseModel):
    """A backbone and a head."""

    version = __version__

    def __init__(self, backbone, head, aux=dict(type='toylib.DenseHead', channels=8), data_preprocessor=None):
        super().__init__(data_preprocessor=data_preprocessor)
        self.backbone = MODELS.build(backbone)
        self.head = MODELS.build(head)
        self.aux = MODELS.build(aux) if aux else None

    def forward(self, inputs, data_samples=None, mode='tensor'):
        x = self.backbone(inputs.float())
        if mode == 'loss':
            return dict(loss=self.head.loss(x, 1.0))
        if mode == 'predict':
            from toylib.structures import as_list

            return as_list(self.head.boxes(self.head(x)))
        return self.head(x)
