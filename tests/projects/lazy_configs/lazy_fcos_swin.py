"""FCOS on a Swin backbone, from the other lazy config by changing it."""

from mmengine.config import read_base

with read_base():
    from .lazy_retinanet import *

from mmdet.models import FCOS, CrossEntropyLoss, FCOSHead, FocalLoss, GIoULoss, SwinTransformer
from torch.nn import GroupNorm, LayerNorm

model.type = FCOS
model.train_cfg = None
model.backbone = dict(
    type=SwinTransformer,
    embed_dims=32,
    depths=[1, 1, 2, 1],
    num_heads=[1, 2, 4, 8],
    window_size=7,
    out_indices=(1, 2, 3),
    norm_cfg=dict(type=LayerNorm),
)
model.neck.update(dict(in_channels=[64, 128, 256], start_level=0))
model.bbox_head = dict(
    type=FCOSHead,
    num_classes=80,
    in_channels=64,
    stacked_convs=2,
    feat_channels=64,
    strides=[8, 16, 32, 64, 128],
    norm_cfg=dict(type=GroupNorm, num_groups=32, requires_grad=True),
    loss_cls=dict(type=FocalLoss, use_sigmoid=True, gamma=2.0, alpha=0.25, loss_weight=1.0),
    loss_bbox=dict(type=GIoULoss, loss_weight=1.0),
    loss_centerness=dict(type=CrossEntropyLoss, use_sigmoid=True, loss_weight=1.0),
)
